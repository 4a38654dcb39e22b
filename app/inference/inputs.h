#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace unet {

/// An image to predict, and the relative path of its outputs.
struct InputImage {
  std::string path;
  std::filesystem::path relative;  ///< path of the outputs in their folder, without extension
};

/// Lists the images of files, folders (with `recursive`, subfolders too) and glob patterns, in a fixed order. Throws
/// Error(missing_input) for an input that does not exist or has no images, Error(usage) if two images would have the
/// same output. Files of folders that are skipped because they have no image extension are appended to `left_out`, if
/// it is not null.
std::vector<InputImage> find_inputs(const std::vector<std::string>& inputs, bool recursive,
                                    std::vector<std::string>* left_out = nullptr);

}  // namespace unet
