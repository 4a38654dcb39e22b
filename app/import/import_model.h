#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "configs/schema/tree.h"

namespace unet {

/// A checkpoint made from another program's weights.
struct ImportedModel {
  Checkpoint checkpoint;
  std::vector<std::string> notes;  ///< inferred and assumed values, one line each
};

/// Imports weights with the names of scripts/reference/unet.py or of Pytorch-UNet, from safetensors or a file of
/// torch.save. The shapes give depth, widths, channels and classes. Everything else comes from `settings` (a config),
/// then from the metadata of a file that `unet export` wrote, then from defaults: activation relu, mean 0, std 1,
/// classes named "class N". Throws Error(data) with the names and shapes of tensors that do not fit, Error(config),
/// Error(missing_input).
ImportedModel import_model(const std::string& path, const Tree& settings);

}  // namespace unet
