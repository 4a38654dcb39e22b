#include "app/import/encoder_weights.h"

#include <torch/torch.h>

#include <algorithm>
#include <filesystem>

#include "app/import/weights_file.h"
#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "models/graph_tensors.h"

namespace unet {
namespace {

constexpr const char* kPrefix = "encoder.";
constexpr const char* kFirst = "conv1.weight";
constexpr size_t kMostProblemsShown = 10;

/// (out, 3, h, w) -> (out, channels, h, w).
torch::Tensor adapted(const torch::Tensor& weight, int64_t channels) {
  const int64_t had = weight.size(1);
  if (had == channels) return weight;
  std::vector<torch::Tensor> parts;
  for (int64_t i = 0; i < channels; ++i) parts.push_back(weight.narrow(1, channels == 1 ? 0 : i % had, 1));
  const auto repeated =
      channels == 1 ? weight.sum(1, /*keepdim=*/true) / static_cast<double>(had) : torch::cat(parts, 1);
  return repeated * (static_cast<double>(had) / static_cast<double>(channels));
}

}  // namespace

TensorMap read_encoder_weights(const std::string& path, const Graph& graph) {
  const TensorMap given = read_weights_file(path).tensors;
  TensorMap weights;
  std::vector<std::string> problems;
  for (const auto& [name, shape] : tensor_shapes(graph)) {
    if (name.rfind(kPrefix, 0) != 0) continue;
    const std::string theirs = name.substr(std::string(kPrefix).size());
    const auto found = given.find(theirs);
    if (found == given.end()) {
      if (theirs != "num_batches_tracked" && theirs.rfind(".num_batches_tracked") == std::string::npos)
        problems.push_back(theirs + ": missing");
      continue;
    }
    torch::Tensor tensor = found->second;
    if (theirs == kFirst && tensor.dim() == 4) tensor = adapted(tensor.to(torch::kFloat), shape.at(1));
    if (tensor.sizes() != torch::IntArrayRef(shape))
      problems.push_back(concat(theirs, ": got ", tensor.sizes(), ", expected ", torch::IntArrayRef(shape)));
    weights[name] = tensor;
  }
  if (problems.empty()) return weights;
  const size_t count = problems.size();
  problems.resize(std::min(count, kMostProblemsShown));
  fail(ErrorKind::data, "[encoder weights] ", path, ": ", count, " tensors do not fit model.encoder. Is it another ",
       "network's file?\n  ", join(problems, "\n  "), count > kMostProblemsShown ? "\n  ..." : "");
}

void check_encoder_weights(const std::string& path, const Locations& locations) {
  if (path != "none" && !std::filesystem::is_regular_file(path))
    fail(ErrorKind::missing_input, locations.text("model.encoder_weights"), ": '", path, "' is no file. Give what ",
         "torch.save(model.state_dict(), FILE) writes of torchvision's network, or none.");
}

}  // namespace unet
