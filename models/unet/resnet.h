#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// "resnet18", "resnet34", "resnet50".
const std::vector<std::string>& resnet_names();

constexpr int64_t kResnetLevels = 5;

/// Channels of its features at `level`: 1 at half of the resolution, and so on.
int64_t resnet_channels(const std::string& name, int64_t level);

/// A residual network without its classifier, under the names that torchvision's has, below "encoder.": the features at
/// 1/2 of the image (after the first convolution), 1/4, 1/8, ... (after layer1, layer2, ...), `levels` of them.
/// Source: He et al. 2016, arXiv:1512.03385; in resnet50 the 3x3 convolution has the stride, as in torchvision.
std::vector<Value> describe_resnet(const std::string& name, int64_t levels, Value image, Graph& graph);

}  // namespace unet
