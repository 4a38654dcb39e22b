#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace unet {

/// An image to predict, and where its outputs go below an output folder.
struct InputImage {
  std::string path;
  std::filesystem::path relative;  ///< of the output, without its ending
};

/// Files, folders (their images; all below with `recursive`) and glob patterns, in a fixed order.
/// Throws Error(missing_input) for an input that is not there, or a folder or pattern without images,
/// Error(usage) when two inputs would have one output.
std::vector<InputImage> find_inputs(const std::vector<std::string>& inputs, bool recursive);

}  // namespace unet
