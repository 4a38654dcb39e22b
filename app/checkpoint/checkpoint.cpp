#include "app/checkpoint/checkpoint.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/shell_text.h"
#include "data/files/read_file.h"
#include "models/graph/tensors.h"
#include "models/unet/parts.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// An addition gets a new number, so that earlier programs reject the file instead of ignoring the addition:
//   1: config, position, scores, data_fingerprint; weights, ema/, optimizer/
//   2: position: averaged, skipped_in_a_row, parts, planned_steps, plans, loss_scale, loss_scale_good_steps;
//      optimizer/PARAMETER/step
//   3: position: transition_*, validation_*, compared_*, last_periodic_validation; calibration; only where they are
//   used
// Fields that an earlier version lacks get their defaults.
constexpr int kFormatVersion = 3;
constexpr int kOldestVersion = 1;
constexpr const char* kMetadataKey = "unet";
constexpr const char* kEmaPrefix = "ema/";
constexpr const char* kOptimizerPrefix = "optimizer/";

/// The oldest version whose programs read everything that the file holds.
int needed_version(const Checkpoint& checkpoint) {
  if (!checkpoint.calibration.is_null()) return 3;
  const json& state = checkpoint.state;
  if (!state.is_object()) return 2;
  const auto is_new = [](const std::string& key) {
    return key.rfind("transition_", 0) == 0 || key.rfind("compared_", 0) == 0 || key == "last_periodic_validation" ||
           key == "validation_every" || key == "validation_images";
  };
  for (const auto& item : state.items())
    if (is_new(item.key())) return 3;
  return 2;
}

std::string hash_text(const std::string& bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  char text[33];
  std::snprintf(text, sizeof(text), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

/// Bytes of the file with `hash` in its metadata. The hash covers the bytes of the same file without a hash.
std::string hashed_file(const Safetensors& content, json metadata, const std::string& hash) {
  Safetensors hashed = content;
  if (!hash.empty()) metadata["hash"] = hash;
  hashed.metadata = {{kMetadataKey, metadata.dump()}};
  return to_bytes(hashed);
}

void add_prefixed(TensorMap& onto, const std::string& prefix, const TensorMap& from) {
  for (const auto& [name, tensor] : from) onto[prefix + name] = tensor;
}

/// The command that makes a checkpoint of a file with weights.
std::string import_command(const std::string& path) {
  fs::path out = fs::path(path).filename();
  out.replace_extension(".safetensors");
  if (out == fs::path(path).filename()) out = out.stem().string() + "-imported.safetensors";
  return "unet import " + shell_text(path) + " --out " + shell_text(out.string());
}

/// Refuses the files of other programs that are often given in place of a checkpoint.
void refuse_other_kind(const std::string& bytes, const std::string& path) {
  const std::string extension = fs::path(path).extension().string();
  const bool is_zip = bytes.rfind("PK\x03\x04", 0) == 0;
  const bool is_pickle = !bytes.empty() && bytes[0] == '\x80' && (bytes.size() < 9 || bytes[8] != '{');
  if (is_zip || is_pickle)
    fail(ErrorKind::data, path, ": a file of PyTorch, not a checkpoint of this program. Import its weights first:\n  ",
         import_command(path));
  if (extension == ".onnx")
    fail(ErrorKind::data, path,
         ": an ONNX model, not a checkpoint of this program, and its weights cannot be imported. ",
         "Import those that it was exported from, a .pth or .safetensors file:\n  unet import MODEL.pth --out ",
         shell_text(fs::path(path).stem().string() + ".safetensors"));
}

json parse_metadata(const Safetensors& content, const std::string& name) {
  const auto found = content.metadata.find(kMetadataKey);
  if (found == content.metadata.end())
    fail(ErrorKind::data, name, ": a safetensors file, but no checkpoint of this program: its metadata has no '",
         kMetadataKey, "'. If it holds the weights of a U-Net:\n  ", import_command(name));
  json metadata = json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (!metadata.is_object() || !metadata.contains("version") || !metadata["version"].is_number_integer())
    fail(ErrorKind::data, name,
         ": its metadata cannot be read. The file is damaged; use checkpoints/previous.safetensors.");
  if (metadata["version"] < kOldestVersion || metadata["version"] > kFormatVersion)
    fail(ErrorKind::data, name, ": format version ", metadata["version"].dump(), ", this program reads ",
         kOldestVersion, " to ", kFormatVersion, ". Use the program that wrote it, or a newer one.");
  return metadata;
}

/// Checks the content against its hash, and all other bytes against the file that this content would be written to.
void check_hash(const std::string& bytes, const Safetensors& content, json metadata, const std::string& name) {
  const std::string stored = metadata.value("hash", "");
  metadata.erase("hash");
  const std::string actual = hash_text(hashed_file(content, metadata, ""));
  if (stored != actual || hashed_file(content, metadata, actual) != bytes)
    fail(ErrorKind::data, name, ": got content hash ", actual, ", expected ", stored,
         ". The file is damaged; use checkpoints/previous.safetensors.");
}

/// First dimension in which two shapes differ.
size_t first_difference(torch::IntArrayRef a, torch::IntArrayRef b) {
  size_t dimension = 0;
  while (dimension < a.size() && dimension < b.size() && a[dimension] == b[dimension]) ++dimension;
  return dimension;
}

}  // namespace

std::string to_bytes(const Checkpoint& checkpoint) {
  Safetensors content;
  content.tensors = checkpoint.weights;
  add_prefixed(content.tensors, kEmaPrefix, checkpoint.ema);
  add_prefixed(content.tensors, kOptimizerPrefix, checkpoint.optimizer);
  json metadata{{"version", needed_version(checkpoint)},
                {"config", checkpoint.config},
                {"position", checkpoint.state},
                {"scores", checkpoint.scores},
                {"data_fingerprint", checkpoint.data_fingerprint}};
  if (!checkpoint.calibration.is_null()) metadata["calibration"] = checkpoint.calibration;
  return hashed_file(content, metadata, hash_text(hashed_file(content, metadata, "")));
}

Checkpoint checkpoint_from_bytes(const std::string& bytes, const std::string& name) {
  const Safetensors content = from_bytes(bytes, name);
  const json metadata = parse_metadata(content, name);
  check_hash(bytes, content, metadata, name);
  Checkpoint checkpoint;
  checkpoint.config = metadata.at("config");
  checkpoint.state = metadata.at("position");
  checkpoint.scores = metadata.at("scores");
  checkpoint.data_fingerprint = metadata.at("data_fingerprint");
  checkpoint.calibration = metadata.value("calibration", json());
  for (const auto& [key, tensor] : content.tensors) {
    if (key.rfind(kEmaPrefix, 0) == 0)
      checkpoint.ema[key.substr(4)] = tensor;
    else if (key.rfind(kOptimizerPrefix, 0) == 0)
      checkpoint.optimizer[key.substr(10)] = tensor;
    else
      checkpoint.weights[key] = tensor;
  }
  return checkpoint;
}

Checkpoint load_checkpoint(const std::string& path) {
  const std::string bytes = read_file(path);
  refuse_other_kind(bytes, path);
  return checkpoint_from_bytes(bytes, path);
}

std::string checkpoint_file(const std::string& path) {
  if (fs::is_regular_file(path)) return path;
  for (const char* name : {"best", "last"}) {
    const fs::path candidate = fs::path(path) / "checkpoints" / (std::string(name) + ".safetensors");
    if (fs::exists(candidate)) return candidate.string();
  }
  fail(ErrorKind::missing_input, path,
       ": neither a checkpoint file nor the folder of a run with checkpoints/best.safetensors or last.safetensors");
}

TensorMap weights_of(const torch::nn::Module& network) {
  TensorMap weights;
  for (const auto& item : network.named_parameters()) weights[item.key()] = item.value().detach();
  for (const auto& item : network.named_buffers()) weights[item.key()] = item.value().detach();
  return weights;
}

std::vector<TensorMismatch> tensor_mismatches(const TensorMap& weights, const Graph& graph) {
  const auto shapes = tensor_shapes(graph);
  std::vector<TensorMismatch> mismatches, wrong_shapes;
  for (const Node& node : graph.nodes())
    for (const auto& [tensor_name, tensor] : own_tensors(node.op)) {
      const std::string name = node.name + "." + tensor_name;
      const torch::IntArrayRef expected = tensor.shape;
      const auto found = weights.find(name);
      if (found == weights.end())
        mismatches.push_back({concat(name, ": missing, expected ", expected), deciding_option(name, std::nullopt)});
      else if (found->second.sizes() != expected)
        wrong_shapes.push_back({concat(name, ": got ", found->second.sizes(), ", expected ", expected),
                                deciding_option(name, first_difference(found->second.sizes(), expected))});
    }
  for (const auto& [name, tensor] : weights)
    if (shapes.count(name) == 0)
      mismatches.push_back(
          {concat(name, ": got ", tensor.sizes(), ", expected none"), deciding_option(name, std::nullopt)});
  mismatches.insert(mismatches.end(), wrong_shapes.begin(), wrong_shapes.end());
  return mismatches;
}

void load_weights(NetworkImpl& network, const TensorMap& weights, const std::string& name) {
  const torch::NoGradGuard no_grad;
  const auto mismatches = tensor_mismatches(weights, network.graph());
  if (!mismatches.empty())
    fail(ErrorKind::data, name, ": tensor ", mismatches[0].text, ". Check ", mismatches[0].option, " in its config.");
  for (auto& [key, tensor] : weights_of(network)) tensor.copy_(weights.at(key));
}

std::vector<std::string> load_fitting_weights(NetworkImpl& network, const TensorMap& weights) {
  const torch::NoGradGuard no_grad;
  std::vector<std::string> unmatched;
  for (auto& [name, tensor] : weights_of(network)) {
    const auto given = weights.find(name);
    if (given != weights.end() && given->second.sizes() == tensor.sizes())
      tensor.copy_(given->second);
    else
      unmatched.push_back(name);
  }
  return unmatched;
}

}  // namespace unet
