// Contradictory model options are refused when the config is read, with suggestions that work.

#include <gtest/gtest.h>

#include "configs/schema/reader.h"
#include "models/unet/unet.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

struct Root : Options {
  UNetOptions model;
  void fields(FieldVisitor& visit) override { visit("model", model, "the U-Net"); }
};

std::string refusal(const std::string& model) {
  return error_text(ErrorKind::config, [&] {
    Root root;
    const Locations locations = read_options(parse_yaml("model:\n  " + model + "\n", "my.yaml"), root);
    check_unet(root.model, locations);
  });
}

void expect_refusal(const std::string& model, const std::string& text) {
  EXPECT_TRUE(contains(refusal(model), text)) << model << "\n" << refusal(model);
}

TEST(CheckUNet, ATransposedConvolutionThatMissesTheSkipSizeIsRefusedWithSuggestions) {
  EXPECT_EQ(refusal("upsampling: {mode: conv_transpose, kernel_size: 3}"),
            "my.yaml:2:51: model.upsampling.kernel_size: a height of 32 becomes (32 - 1)*2 - 2*0 + 1*(3 - 1) + 0 + 1 = "
            "65, expected 64, the size of the skip connection. Nearest that work: kernel_size 2; padding 1 and "
            "output_padding 1; kernel_size 4 and padding 1.");
  expect_refusal("upsampling: {padding: [0, 1], kernel_size: 2}", "a width of 32 becomes (32 - 1)*2 - 2*1");
  expect_refusal("upsampling: {dilation: 2}", "(32 - 1)*2 - 2*0 + 2*(2 - 1) + 0 + 1 = 65");
  expect_refusal("upsampling: {output_padding: 2, padding: 1}", "expected less than the larger of stride 2");
  expect_refusal("upsampling: {stride: [3, 2], kernel_size: 2}", "a height of 32 becomes (32 - 1)*3");
}

TEST(CheckUNet, SuggestionsAreAccepted) {
  int64_t tried = 0;
  for (int64_t kernel_size = 1; kernel_size <= 6; ++kernel_size)
    for (int64_t stride = 2; stride <= 4; ++stride)
      for (int64_t padding = 0; padding <= 2; ++padding)
        for (int64_t dilation = 1; dilation <= 2; ++dilation) {
          op::ConvTranspose2d o{4, 4};
          o.kernel_size = {kernel_size, kernel_size};
          o.stride = {stride, stride};
          o.padding = {padding, padding};
          o.dilation = {dilation, dilation};
          if (enlarges_by(o, o.stride)) continue;
          for (const std::string& text : nearest_that_enlarge(o, 3)) {
            const std::string all =
                concat("upsampling: {mode: conv_transpose, kernel_size: ", kernel_size, ", stride: ", stride,
                       ", padding: ", padding, ", output_padding: 0, dilation: ", dilation, "}");
            std::string changed = all;
            std::istringstream words(text);
            for (std::string name, value; words >> name;) {
              if (name == "and") continue;
              words >> value;
              const size_t begin = changed.find(" " + name + ": ") + name.size() + 3;
              changed.replace(begin, changed.find_first_of(",}", begin) - begin, value);
            }
            Root root;
            const Locations locations = read_options(parse_yaml("model:\n  " + changed + "\n", "my.yaml"), root);
            EXPECT_NO_THROW(check_unet(root.model, locations)) << all << " -> " << text;
            ++tried;
          }
        }
  EXPECT_GT(tried, 100);
}

TEST(CheckUNet, OtherContradictionsAreRefused) {
  expect_refusal("kernel_size: 4", "my.yaml:2:16: model.kernel_size: got 4, expected an odd size");
  expect_refusal("upsampling: {mode: nearest, kernel_size: 2}", "model.upsampling.kernel_size: got 2, expected an odd");
  expect_refusal("factors: [2, 4]", "model.factors: got 2 factors, expected 4");
  expect_refusal("{depth: 4, factors: [8, 8, 8, 2]}", "divides the resolution by 1024 in total, expected at most 512");
  expect_refusal("{depth: 2, factors: [2, 3], stacked: true}", "model.stacked: level 1 has factor 3");
  expect_refusal("{depth: 2, factors: [2, 4], upsampling: {stride: 2}}", "got 2, expected 4, the factor of level 1");
  expect_refusal("encoder_weights: file.pth", "with model.encoder plain, expected none");
  expect_refusal("{encoder: resnet18, depth: 6}", "expected at most 5, the levels of a resnet18");
  expect_refusal("{encoder: resnet18, upsampling: {stride: 4}}", "model.upsampling: divides level 0 by 4, expected 2");
  expect_refusal("{encoder: resnet18, padding: valid}", "model.padding: got valid, expected same");
  expect_refusal("{encoder: resnet18, bottleneck_dilations: [1, 2]}", "model.bottleneck_dilations: a resnet18 has no");
  expect_refusal("{encoder: resnet18, stacked: true}", "model.stacked: divides level 0 by 4, expected 2");
  expect_refusal("{encoder: resnet18, depth: 5, base_channels: 24, upsampling: {groups: 3}}",
                 "got 3, which does not divide the 512 input channels");
  expect_refusal("{encoder: resnet18, base_channels: 24, groups: 3}", "does not divide the 64 channels of a resnet18");
  expect_refusal("{encoder: resnet18, dropout: 0.1, dropout_levels: [0]}", "got level 0, expected at least 1");
  expect_refusal("groups: 5", "model.groups: got 5, which does not divide the 32 channels of level 0");
  expect_refusal("upsampling: {groups: 5}",
                 "model.upsampling.groups: got 5, which does not divide the 64 input channels");
  expect_refusal("dropout_levels: [1]", "model.dropout is 0");
  expect_refusal("{dropout: 0.1, dropout_levels: [5]}", "got level 5, expected at most 4");
  expect_refusal("deep_supervision: [1, 1, 1, 1]", "got 4 weights, expected at most 3");
  expect_refusal("upsampling: {mode: nearest, padding: 1}", "unknown key 'model.upsampling.padding'");
  expect_refusal("upsampling: bicubic", "got 'bicubic', expected one of conv_transpose, nearest, bilinear");
}

}  // namespace
}  // namespace unet
