#include "models/unet/parts.h"

#include <utility>

namespace unet {

const std::vector<std::string>& network_parts() {
  static const std::vector<std::string> parts{kEncoderPart, kBottleneckPart, kDecoderPart, kHeadPart};
  return parts;
}

std::string part_of(const std::string& tensor) { return tensor.substr(0, tensor.find('.')); }

std::string deciding_option(const std::string& tensor, std::optional<size_t> dimension) {
  static const std::pair<const char*, const char*> owners[] = {
      {".se.", "model.squeeze_excitation"},    {".attention.", "model.attention_gates"},
      {".shortcut.", "model.residual"},        {".depthwise.", "model.separable"},
      {".pointwise.", "model.separable"},      {".up.", "model.upsampling"},
      {"aux_head.", "model.deep_supervision"}, {"encoder.layer", "model.encoder"},
      {".activation", "model.activation"}};
  if (!dimension)
    for (const auto& [mark, option] : owners)
      if (tensor.find(mark) != std::string::npos) return option;
  if (dimension && *dimension >= 2)
    return tensor.find(".up.") != std::string::npos ? "model.upsampling" : "model.kernel_size";
  const bool is_bias = tensor.size() > 5 && tensor.compare(tensor.size() - 5, 5, ".bias") == 0;
  if (tensor.find(".norm") != std::string::npos || (!dimension && is_bias))
    return "model.norm";  // its shift replaces the bias
  if (!dimension) return "model.depth";
  if (tensor.rfind("head.", 0) == 0) return *dimension == 0 ? "model.num_classes" : "model.base_channels";
  if (tensor.rfind("encoder.0.conv1.", 0) == 0) return *dimension == 1 ? "data.channels" : "model.base_channels";
  return "model.max_channels";
}

}  // namespace unet
