#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/checkpoint.h"
#include "configs/schema/tree.h"

namespace unet {

/// A checkpoint made of weights from elsewhere.
struct ImportedModel {
  Checkpoint checkpoint;
  std::vector<std::string> notes;  ///< what was inferred and what was assumed, for people
};

/// Weights with the names of scripts/reference/unet.py or of Pytorch-UNet, as safetensors or as torch.save writes them.
/// Depth, widths, channels and classes come from the shapes. What weights cannot tell comes from `settings` (a config),
/// then from the metadata of a file that `unet export` wrote, else: activation relu, mean 0, std 1, classes named
/// "class N". Throws Error(data) listing by name and shape what does not fit, Error(config), Error(missing_input).
ImportedModel import_model(const std::string& path, const Tree& settings);

}  // namespace unet
