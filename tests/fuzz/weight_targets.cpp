#include <torch/types.h>

#include "app/checkpoint/checkpoint.h"
#include "app/pytorch_files/torch_file.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/file_text.h"
#include "tests/support/random_network.h"
#include "tests/support/torch_files.h"

namespace unet {
namespace {

constexpr const char* kWeightsFile = "weights";

TensorMap small_tensors() {
  return {{"a.weight", torch::arange(6, torch::kFloat32).reshape({2, 3})}, {"b", torch::ones({4}, torch::kLong)}};
}

std::vector<std::string> safetensors_seeds() {
  const Safetensors content{small_tensors(), {{"key", "value"}}}, empty;
  return {to_bytes(content), to_bytes(empty)};
}

std::vector<std::string> checkpoint_seeds() {
  Checkpoint checkpoint;
  checkpoint.config = "model:\n  depth: 1\n";
  checkpoint.weights = small_tensors();
  checkpoint.optimizer = {{"a.weight/step", torch::ones({1})}};
  checkpoint.state = {{"epoch", 1}};
  return {to_bytes(checkpoint)};
}

std::vector<std::string> torch_seeds() {
  const Network network = random_network(small_unet("batch", "relu"));
  return {legacy_file(small_tensors()), export_formats().make("state_dict")->to_bytes(*network, {})};
}

/// A file and what reads it from memory.
template <class Read>
FuzzTarget weight_target(const std::string& name, std::vector<std::string> (*seeds)(), Read read_bytes) {
  FuzzTarget target;
  target.name = name;
  target.file = kWeightsFile;
  target.seeds = seeds;
  target.read = [read_bytes](const std::string& folder) {
    const std::string path = folder + "/" + kWeightsFile;
    read_bytes(file_text(path), path);
  };
  return target;
}

}  // namespace

std::vector<FuzzTarget> weight_targets() {
  std::vector<FuzzTarget> targets{weight_target("safetensors", safetensors_seeds, from_bytes),
                                  weight_target("checkpoint", checkpoint_seeds, checkpoint_from_bytes),
                                  weight_target("torch_file", torch_seeds, read_torch_file)};
  targets[0].words = targets[1].words = {"{", "}", "[", "]", "\"", ",", ":", "\"shape\"", "\"F32\"", "[[[[", "{\"a\":"};
  targets[2].words = {"(", "t", "K\x7F", "J\xFF\xFF\xFF\x7F", "h\1", "q\1", "R", "\x85", "]", "}", "u", "e", "."};
  return targets;
}

}  // namespace unet
