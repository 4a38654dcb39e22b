#include "app/import/infer_unet.h"

#include <torch/types.h>

#include <algorithm>

#include "app/checkpoint/checkpoint.h"
#include "configs/schema/ignore_label.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr int64_t kMaxLevels = 8;

class Inference {
 public:
  Inference(const TensorMap& weights, const std::string& name) : weights_(weights), name_(name) {}

  InferredUNet run(const UNetOptions& given, bool norm_is_given) const {
    InferredUNet inferred{given, 0};
    UNetOptions& options = inferred.options;
    options.num_classes = check_range(size("head.weight", 0), kMaxClasses, "classes");
    options.base_channels = check_range(size("head.weight", 1), 1024, "channels at full resolution");
    if (has("encoder.conv1.weight"))
      infer_resnet(inferred, norm_is_given);
    else
      infer_plain(inferred, norm_is_given);
    return inferred;
  }

  void check_fit(const Graph& graph) const {
    std::vector<std::string> problems;
    for (const TensorMismatch& mismatch : tensor_mismatches(weights_, graph)) problems.push_back(mismatch.text);
    if (problems.empty()) return;
    constexpr size_t kListed = 20;
    fail(ErrorKind::data, name_, ": ", counted(problems.size(), "tensor"), problems.size() == 1 ? " does" : " do",
         " not fit the U-Net that the other tensors describe:\n  ", join_first(problems, kListed, "\n  "));
  }

 private:
  bool has(const std::string& tensor) const { return weights_.count(tensor) != 0; }

  int64_t size(const std::string& tensor, int64_t dimension) const {
    const auto found = weights_.find(tensor);
    if (found == weights_.end()) {
      std::vector<std::string> names;
      for (const auto& item : weights_)
        if (names.size() < 5) names.push_back(item.first);
      fail(ErrorKind::data, name_, ": no tensor '", tensor, "', expected the names of the U-Net in ",
           "scripts/reference/unet.py. The file begins with: ", names.empty() ? "none" : join(names), ".");
    }
    if (found->second.dim() != 4)
      fail(ErrorKind::data, name_, ": tensor '", tensor, "': got shape ", found->second.sizes(),
           ", expected four dimensions");
    return found->second.size(dimension);
  }

  int64_t check_range(int64_t value, int64_t maximum, const char* what) const {
    if (value < 1 || value > maximum)
      fail(ErrorKind::data, name_, ": got ", value, " ", what, ", expected 1 to ", maximum);
    return value;
  }

  void infer_plain(InferredUNet& inferred, bool norm_is_given) const {
    UNetOptions& options = inferred.options;
    infer_blocks(options, "encoder.0.", norm_is_given);
    const std::string conv = options.separable ? ".conv1.depthwise.weight" : ".conv1.weight";
    inferred.channels = check_range(size("encoder.0" + conv, options.separable ? 0 : 1), 4, "channels of the images");
    options.depth = check_range(count("encoder.", 0, conv), kMaxLevels, "levels");
    const std::string deepest = options.separable ? "bottleneck.conv1.pointwise.weight" : "bottleneck.conv1.weight";
    limit_channels(options, options.depth, check_range(size(deepest, 0), 8192, "channels at the deepest level"));
  }

  void infer_resnet(InferredUNet& inferred, bool norm_is_given) const {
    UNetOptions& options = inferred.options;
    inferred.channels = check_range(size("encoder.conv1.weight", 1), 4, "channels of the images");
    options.encoder = has("encoder.layer1.0.conv3.weight")   ? "resnet50"
                      : has("encoder.layer1.2.conv1.weight") ? "resnet34"
                                                             : "resnet18";
    options.depth = 1 + count("encoder.layer", 1, ".0.conv1.weight");
    infer_blocks(options, "decoder.0.", norm_is_given);
    const std::string first = options.separable ? "decoder.0.conv1.pointwise.weight" : "decoder.0.conv1.weight";
    limit_channels(options, options.depth - 1, check_range(size(first, 0), 8192, "channels"));
  }

  /// Infers the options of all blocks from the first one.
  void infer_blocks(UNetOptions& options, const std::string& block, bool norm_is_given) const {
    options.separable = has(block + "conv1.depthwise.weight");
    const std::string weight = options.separable ? ".depthwise.weight" : ".weight";
    options.kernel_size = check_range(size(block + "conv1" + weight, 2), 15, "rows of a kernel");
    options.convs_per_level = check_range(count(block + "conv", 1, weight), 8, "convolutions at a level");
    options.attention_gates = has("decoder.0.attention.psi.conv.weight");
    for (const auto& [name, tensor] : weights_)
      options.residual = options.residual || name.find(".shortcut.conv.weight") != std::string::npos;
    const std::string squeeze = block + "se.fc1.weight";
    if (has(squeeze) && options.squeeze_excitation == 0)
      options.squeeze_excitation = check_range(size(squeeze, 1) / std::max<int64_t>(1, size(squeeze, 0)), 256,
                                               "as squeeze-and-excitation reduction");
    if (has(block + "activation1.weight")) options.activation = op::ActivationKind::prelu;
    options.norm = norm(options, norm_is_given, block + "norm1.");
  }

  /// Sets max_channels if a level has fewer channels than doubling would give.
  static void limit_channels(UNetOptions& options, int64_t level, int64_t channels) {
    if (unet_channels(options, level) != channels) options.max_channels = channels;
  }

  /// Number of consecutive tensors named `prefix` N `suffix`, beginning with N = `first`.
  int64_t count(const std::string& prefix, int64_t first, const std::string& suffix) const {
    int64_t number = first;
    while (has(concat(prefix, number, suffix))) ++number;
    return number - first;
  }

  NormMode norm(const UNetOptions& given, bool is_given, const std::string& first) const {
    if (is_given) return given.norm;
    if (!has(first + "weight")) return NormMode::none;
    if (has(first + "running_mean")) return NormMode::batch;
    fail(ErrorKind::data, name_,
         ": cannot tell whether the norm is instance or group, which have the same tensors. Add ",
         "--set model.norm=instance, or --set model.norm=group --set model.norm_groups=8.");
  }

  const TensorMap& weights_;
  const std::string& name_;
};

}  // namespace

InferredUNet infer_unet(const TensorMap& weights, const UNetOptions& given, bool norm_is_given,
                        const std::string& name) {
  const Inference inference(weights, name);
  InferredUNet inferred = inference.run(given, norm_is_given);
  check_unet(inferred.options, {});
  inference.check_fit(describe_unet(inferred.options, inferred.channels));
  return inferred;
}

}  // namespace unet
