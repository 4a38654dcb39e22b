#pragma once

#include <string>
#include <vector>

#include "configs/schema/reader.h"
#include "models/unet/unet.h"

namespace unet {

/// A `model` section of a config, in YAML.
struct NetworkCase {
  const char* name;
  const char* model;

  UNetOptions options() const {
    UNetOptions options;
    options.num_classes = 3;
    options.depth = 2;
    options.base_channels = 4;
    options.norm_groups = 2;
    const Locations locations = read_options(parse_yaml(model, name), options);
    check_unet(options, locations);
    return options;
  }
};

inline void PrintTo(const NetworkCase& network_case, std::ostream* stream) { *stream << network_case.name; }

/// Networks that together use every kind of upsampling, norm and activation, and every option of the blocks.
inline const std::vector<NetworkCase>& network_cases() {
  static const std::vector<NetworkCase> cases{
      {"plain", "{}"},
      {"transpose4", "{upsampling: {mode: conv_transpose, kernel_size: 4, padding: 1}}"},
      {"transpose3",
       "{upsampling: {mode: conv_transpose, kernel_size: 3, padding: 1, output_padding: 1, bias: false}}"},
      {"transpose_groups", "{upsampling: {mode: conv_transpose, groups: 4}}"},
      {"transpose_axes",
       "{upsampling: {mode: conv_transpose, stride: [3, 2], kernel_size: [2, 4], padding: 1, output_padding: [1, 0], "
       "dilation: [3, 1]}}"},
      {"transpose_one_axis", "{upsampling: {mode: conv_transpose, stride: [2, 1], kernel_size: [2, 1]}}"},
      {"nearest", "{upsampling: nearest}"},
      {"nearest_alone", "{upsampling: {mode: nearest, kernel_size: 0}}"},
      {"bilinear", "{upsampling: bilinear}"},
      {"bilinear_corners", "{upsampling: {mode: bilinear, kernel_size: 0, align_corners: true}}"},
      {"pixel_shuffle", "{upsampling: pixel_shuffle}"},
      {"factors", "{factors: [2, 4]}"},
      {"factor3", "{factors: [3, 2], upsampling: nearest}"},
      {"stacked", "{depth: 1, stacked: true}"},
      {"stacked_shuffle", "{factors: [4, 2], stacked: true, upsampling: pixel_shuffle}"},
      {"instance", "{norm: instance, activation: leaky_relu}"},
      {"group", "{norm: group, activation: silu}"},
      {"no_norm", "{norm: none, activation: gelu}"},
      {"elu", "{activation: elu}"},
      {"prelu", "{activation: prelu}"},
      {"one_logit", "{num_classes: 1, depth: 1}"},
      {"deep", "{depth: 4, max_channels: 8, dropout: 0.4}"},
      {"dropout_levels", "{dropout: 0.3, dropout_levels: [0, 2]}"},
      {"convolutions", "{convs_per_level: 3, kernel_size: 5, dilation: 2, groups: 2}"},
      {"one_convolution", "{convs_per_level: 1, kernel_size: 1}"},
      {"separable", "{separable: true}"},
      {"residual", "{residual: true}"},
      {"residual_squeeze", "{residual: true, squeeze_excitation: 2}"},
      {"squeeze", "{squeeze_excitation: 16}"},
      {"attention", "{attention_gates: true}"},
      {"bottleneck", "{bottleneck_dilations: [1, 2, 4]}"},
      {"supervision", "{depth: 3, max_channels: 8, deep_supervision: [0.5, 0.25]}"},
      {"valid", "{padding: valid}"},
      {"valid_all",
       "{padding: valid, residual: true, attention_gates: true, deep_supervision: [1], upsampling: bilinear}"},
      {"resnet18", "{encoder: resnet18, depth: 3}"},
      {"resnet50", "{encoder: resnet50, depth: 2, attention_gates: true, upsampling: {mode: nearest, kernel_size: 0}}"},
  };
  return cases;
}

}  // namespace unet
