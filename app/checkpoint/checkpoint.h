#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"
#include "models/execution/network.h"

namespace unet {

/// Complete state of a training between two steps. Holds no times, paths or facts about the machine, so that identical
/// trainings give identical files.
struct Checkpoint {
  std::string config;            ///< resolved config, as YAML
  TensorMap weights;             ///< parameters and buffers, under the names of an equivalent Python module
  TensorMap ema;                 ///< averaged weights; empty without EMA and SWA
  TensorMap optimizer;           ///< "PARAMETER/STATE"
  nlohmann::json state;          ///< TrainingState; key "position" in the file
  nlohmann::json scores;         ///< scores of the last validation; null before the first one
  nlohmann::json calibration;    ///< Calibration of the last validation; null without train.temperature_scaling
  std::string data_fingerprint;  ///< fingerprint of the training and validation data

  /// Weights for inference: the averaged ones if there are any.
  const TensorMap& weights_to_use() const { return ema.empty() ? weights : ema; }
};

/// Writes a checkpoint as one safetensors file with a content hash (XXH3, 128 bits) over all of it.
std::string to_bytes(const Checkpoint& checkpoint);

/// Reads a checkpoint. Throws Error(data) for a damaged file, another kind of file, or a newer format version.
Checkpoint checkpoint_from_bytes(const std::string& bytes, const std::string& name);

/// Reads a checkpoint file. Throws Error(data), Error(missing_input).
Checkpoint load_checkpoint(const std::string& path);

/// Path of the checkpoint that `path` stands for: the file itself, or for a run folder its best checkpoint, else its
/// last one. Throws Error(missing_input) with the files that were tried.
std::string checkpoint_file(const std::string& path);

/// Parameters and buffers of a network by name.
TensorMap weights_of(const torch::nn::Module& network);

/// Tensor whose name or shape differs from a network's.
struct TensorMismatch {
  std::string text;    ///< name, shape and expected shape
  std::string option;  ///< option that decides the shape
};

/// Lists missing tensors, then unexpected ones, then those of another shape. In this order, the first mismatch names
/// the right option if a single option differs.
std::vector<TensorMismatch> tensor_mismatches(const TensorMap& weights, const Graph& graph);

/// Copies `weights` into the network. Throws Error(data) naming the first mismatch and its option. `name` is for
/// messages.
void load_weights(NetworkImpl& network, const TensorMap& weights, const std::string& name);

/// Copies the weights whose name and shape match; returns the names of the network's other tensors.
std::vector<std::string> load_fitting_weights(NetworkImpl& network, const TensorMap& weights);

}  // namespace unet
