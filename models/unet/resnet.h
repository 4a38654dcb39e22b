#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// Names of the residual encoders: "resnet18", "resnet34", "resnet50".
const std::vector<std::string>& resnet_names();

constexpr int64_t kResnetLevels = 5;

/// Channels of the features at `level`; level 1 has half the resolution of the image.
int64_t resnet_channels(const std::string& name, int64_t level);

/// Adds a residual network without its classifier, under torchvision's names below "encoder.". Returns `levels`
/// features at 1/2 of the image's resolution (after the first convolution), 1/4, 1/8, ... (after layer1, layer2, ...).
/// Source: He et al. 2016, arXiv:1512.03385; in resnet50 the 3x3 convolution has the stride, as in torchvision.
std::vector<Value> describe_resnet(const std::string& name, int64_t levels, Value image, Graph& graph);

}  // namespace unet
