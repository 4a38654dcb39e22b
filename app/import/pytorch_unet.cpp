#include "app/import/pytorch_unet.h"

#include <torch/types.h>

#include <cstdio>
#include <optional>
#include <regex>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr int kDepth = 4;

/// "0" -> "conv1", "1" -> "norm1", "3" -> "conv2", "4" -> "norm2"; the activations are in between.
std::optional<std::string> part_of_block(const std::string& index) {
  if (index == "0") return "conv1";
  if (index == "1") return "norm1";
  if (index == "3") return "conv2";
  if (index == "4") return "norm2";
  return std::nullopt;
}

/// Returns this program's name for a module of Pytorch-UNet; nullopt for an unknown module.
std::optional<std::string> translate_module(const std::string& module) {
  static const std::regex block(R"((inc|down[1-4]\.maxpool_conv\.1|up[1-4]\.conv)\.double_conv\.([0-9]))");
  static const std::regex up(R"(up([1-4])\.up)");
  std::smatch match;
  if (module == "outc.conv") return "head";
  if (std::regex_match(module, match, up)) return concat("decoder.", std::stoi(match[1]) - 1, ".up");
  if (!std::regex_match(module, match, block)) return std::nullopt;
  const std::string group = match[1];
  const auto part = part_of_block(match[2]);
  if (!part) return std::nullopt;
  std::string name = "encoder.0";
  if (group.rfind("up", 0) == 0) name = concat("decoder.", group[2] - '1');
  if (group.rfind("down", 0) == 0) {
    const int level = group[4] - '0';
    name = level == kDepth ? "bottleneck" : concat("encoder.", level);
  }
  return name + "." + *part;
}

/// Folds the bias of each convolution into the norm after it: bias b and running mean m equal running mean m - b alone.
void fold_biases_into_norms(TensorMap& weights) {
  static const std::string bias_end = ".bias";
  std::vector<std::string> folded;
  for (const auto& [name, tensor] : weights) {
    const size_t conv = name.rfind(".conv");
    if (conv == std::string::npos || !ends_with(name, bias_end)) continue;
    const std::string norm = name.substr(0, conv) + ".norm" + name.substr(conv + 5, 1);
    const auto mean = weights.find(norm + ".running_mean");
    if (mean == weights.end() || mean->second.sizes() != tensor.sizes()) continue;
    mean->second = mean->second - tensor;
    folded.push_back(name);
  }
  for (const std::string& name : folded) weights.erase(name);
}

std::string labels_setting(const std::vector<std::vector<int64_t>>& mask_values) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < mask_values.size(); ++i) parts.push_back(concat(mask_values[i][0], ": ", i));
  return "data.labels={" + join(parts) + "}";
}

std::string colors_setting(const std::vector<std::vector<int64_t>>& mask_values) {
  std::vector<std::string> parts;
  for (const auto& color : mask_values) {
    char text[12];
    std::snprintf(text, sizeof(text), "\"#%02x%02x%02x\"", static_cast<unsigned>(color[0]) & 255U,
                  static_cast<unsigned>(color[1]) & 255U, static_cast<unsigned>(color[2]) & 255U);
    parts.emplace_back(text);
  }
  return "data.class_colors=[" + join(parts) + "]";
}

bool all_have(const std::vector<std::vector<int64_t>>& rows, size_t length) {
  for (const auto& row : rows)
    if (row.size() != length) return false;
  return !rows.empty();
}

}  // namespace

bool is_pytorch_unet(const TensorMap& weights) {
  return weights.count("inc.double_conv.0.weight") != 0 && weights.count("outc.conv.weight") != 0;
}

PytorchUNet from_pytorch_unet(const WeightsFile& file, const std::string& name) {
  PytorchUNet model;
  for (const auto& [full_name, tensor] : file.tensors) {
    const size_t dot = full_name.rfind('.');
    const auto module = translate_module(full_name.substr(0, dot));
    if (!module)
      fail(ErrorKind::data, name, ": tensor '", full_name, "' of shape ", tensor.sizes(),
           " is unexpected. Most other names are those of Pytorch-UNet, which has no such tensor");
    model.weights[*module + full_name.substr(dot)] = tensor;
  }
  fold_biases_into_norms(model.weights);
  if (file.tensors.count("up1.up.weight") == 0)
    model.settings.emplace_back("model.upsampling={mode: bilinear, kernel_size: 0, align_corners: true}");
  if (all_have(file.mask_values, 1)) model.settings.push_back(labels_setting(file.mask_values));
  if (all_have(file.mask_values, 3)) model.settings.push_back(colors_setting(file.mask_values));
  return model;
}

}  // namespace unet
