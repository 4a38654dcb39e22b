#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace unet {

/// An image, or a stack of pages, to predict, and the relative path of its outputs.
struct InputImage {
  std::string path;
  std::filesystem::path relative;  ///< path of the outputs in their folder, without extension
  int pages = 1;
};

/// Relative path of the outputs of a page (from 0) that has files of its own: NAME_p0001 for the first.
std::filesystem::path page_path(const InputImage& image, int page);

/// Lists the images of files, folders (with `recursive`, subfolders too) and glob patterns, in a fixed order. Throws
/// Error(missing_input) for an input that does not exist or has no images, Error(usage) if two images would have the
/// same output. Files of folders that are skipped because they have no image extension are appended to `left_out`, if
/// it is not null.
std::vector<InputImage> find_inputs(const std::vector<std::string>& inputs, bool recursive,
                                    std::vector<std::string>* left_out = nullptr);

}  // namespace unet
