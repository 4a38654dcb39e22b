#pragma once

#include <optional>
#include <string>
#include <vector>

namespace unet {

// Parts of a U-Net. The names of its tensors begin with them.
inline constexpr const char* kEncoderPart = "encoder";
inline constexpr const char* kBottleneckPart = "bottleneck";
inline constexpr const char* kDecoderPart = "decoder";
inline constexpr const char* kHeadPart = "head";
inline constexpr const char* kAuxiliaryHeadPart = "aux_head";

/// The parts that every training has: encoder, bottleneck, decoder, head.
const std::vector<std::string>& network_parts();

/// Returns the part of a tensor by its name: "encoder.0.conv1.weight" -> "encoder". If a graph is available, use
/// Node::part.
std::string part_of(const std::string& tensor);

/// Returns the key of the option that decides the size of a tensor in this dimension, or, without one, whether the
/// tensor exists. Works for tensors that a graph does not have.
std::string deciding_option(const std::string& tensor, std::optional<size_t> dimension);

}  // namespace unet
