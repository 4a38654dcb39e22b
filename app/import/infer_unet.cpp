#include "app/import/infer_unet.h"

#include <torch/torch.h>

#include "app/checkpoint/checkpoint.h"
#include "configs/schema/ignore_label.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr int64_t kMostLevels = 8;
constexpr size_t kMostProblemsShown = 20;

class Inference {
 public:
  Inference(const TensorMap& weights, const std::string& name) : weights_(weights), name_(name) {}

  InferredUNet run(const UNetOptions& given, bool norm_is_given) const {
    InferredUNet inferred{given, within(size("encoder.0.conv1.weight", 1), 4, "channels of the images")};
    UNetOptions& options = inferred.options;
    options.num_classes = within(size("head.weight", 0), kMaxClasses, "classes");
    options.depth = within(levels(), kMostLevels, "levels");
    options.base_channels = within(size("encoder.0.conv1.weight", 0), 1024, "channels at full resolution");
    const int64_t deepest = within(size("bottleneck.conv1.weight", 0), 8192, "channels at the deepest level");
    if (unet_channels(options, options.depth) != deepest) options.max_channels = deepest;
    options.norm = norm(given, norm_is_given);
    return inferred;
  }

  void check_fit(const Graph& graph) const {
    std::vector<std::string> problems;
    for (const Misfit& misfit : misfits(weights_, graph)) problems.push_back(misfit.text);
    if (problems.empty()) return;
    const size_t count = problems.size();
    problems.resize(std::min(count, kMostProblemsShown));
    fail(ErrorKind::data, "[import] ", name_, ": ", count, " tensors do not fit the U-Net that the others tell of:\n  ",
         join(problems, "\n  "), count > kMostProblemsShown ? "\n  ..." : "");
  }

 private:
  bool has(const std::string& tensor) const { return weights_.count(tensor) != 0; }

  int64_t size(const std::string& tensor, int64_t dimension) const {
    const auto found = weights_.find(tensor);
    if (found == weights_.end()) {
      std::vector<std::string> names;
      for (const auto& item : weights_)
        if (names.size() < 5) names.push_back(item.first);
      fail(ErrorKind::data, "[import] ", name_, ": no tensor '", tensor, "', expected the names of the U-Net in ",
           "scripts/reference/unet.py. The first names in it: ", names.empty() ? "none" : join(names), ".");
    }
    if (found->second.dim() != 4)
      fail(ErrorKind::data, "[import] ", name_, ": tensor '", tensor, "': got shape ", found->second.sizes(),
           ", expected four dimensions");
    return found->second.size(dimension);
  }

  int64_t within(int64_t value, int64_t most, const char* what) const {
    if (value < 1 || value > most)
      fail(ErrorKind::data, "[import] ", name_, ": got ", value, " ", what, ", expected 1 to ", most);
    return value;
  }

  int64_t levels() const {
    int64_t count = 0;
    while (has(concat("encoder.", count, ".conv1.weight"))) ++count;
    return count;
  }

  std::string norm(const UNetOptions& given, bool is_given) const {
    if (is_given) return given.norm;
    if (!has("encoder.0.norm1.weight")) return "none";
    if (has("encoder.0.norm1.running_mean")) return "batch";
    fail(ErrorKind::data, "[import] ", name_, ": its norm is instance or group, which have the same tensors. Say ",
         "which: --set model.norm=instance, or --set model.norm=group --set model.norm_groups=8.");
  }

  const TensorMap& weights_;
  const std::string& name_;
};

}  // namespace

InferredUNet infer_unet(const TensorMap& weights, const UNetOptions& given, bool norm_is_given,
                        const std::string& name) {
  const Inference inference(weights, name);
  InferredUNet inferred = inference.run(given, norm_is_given);
  inference.check_fit(describe_unet(inferred.options, inferred.channels));
  return inferred;
}

}  // namespace unet
