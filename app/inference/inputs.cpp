#include "app/inference/inputs.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <map>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/images/image_io.h"
#include "data/images/image_signature.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().rfind('.', 0) == 0; }

std::vector<fs::path> list_images(const fs::path& folder, bool recursive, std::vector<std::string>& left_out) {
  std::vector<fs::path> images;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_hidden(entry.path())) continue;
    if (entry.is_directory() && !entry.is_symlink() && recursive) {  // symbolic links may form a cycle
      const auto nested = list_images(entry.path(), recursive, left_out);
      images.insert(images.end(), nested.begin(), nested.end());
    } else if (entry.is_regular_file()) {
      if (has_image_extension(entry.path().string()))
        images.push_back(entry.path());
      else
        left_out.push_back(entry.path().string());
    }
  }
  std::sort(images.begin(), images.end());
  return images;
}

std::vector<std::string> match_pattern(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

void add_images(std::vector<InputImage>& images, const std::string& input, bool recursive,
                std::vector<std::string>& left_out) {
  if (fs::is_directory(input)) {
    const auto found = list_images(input, recursive, left_out);
    if (found.empty())
      fail(ErrorKind::missing_input, input, ": no images in this folder (", join(image_extensions()), ")",
           recursive ? "." : ". To include subfolders, add --recursive.");
    for (const fs::path& path : found)
      images.push_back({path.string(), path.lexically_relative(input).replace_extension()});
  } else if (fs::exists(input)) {
    images.push_back({input, fs::path(input).filename().replace_extension()});
  } else {
    const auto found = match_pattern(input);
    if (found.empty())
      fail(ErrorKind::missing_input, input, ": no such file or folder, and no file matches it as a pattern");
    for (const std::string& path : found) add_images(images, path, recursive, left_out);
  }
}

/// Refuses images whose outputs would have the same names.
void check_output_names(const std::vector<InputImage>& images) {
  std::map<fs::path, std::string> input_of_output;
  for (const InputImage& image : images)
    for (int page = -1; page < (image.pages > 1 ? image.pages : 0); ++page) {
      const fs::path output = page < 0 ? image.relative : page_path(image, page);
      const auto [earlier, is_new] = input_of_output.emplace(output, image.path);
      if (!is_new)
        fail(ErrorKind::usage, earlier->second, " and ", image.path, " would both be written to ", output.string(),
             ".png. Predict them in separate calls, each with its own --out.");
    }
}

}  // namespace

std::filesystem::path page_path(const InputImage& image, int page) {
  return fs::path(fmt::format("{}_p{:04}", image.relative.string(), page + 1));
}

std::vector<InputImage> find_inputs(const std::vector<std::string>& inputs, bool recursive,
                                    std::vector<std::string>* left_out) {
  std::vector<InputImage> images;
  std::vector<std::string> skipped;
  for (const std::string& input : inputs) add_images(images, input, recursive, skipped);
  std::sort(skipped.begin(), skipped.end());
  if (left_out != nullptr) left_out->insert(left_out->end(), skipped.begin(), skipped.end());
  for (InputImage& image : images) image.pages = count_pages(image.path);
  check_output_names(images);
  return images;
}

}  // namespace unet
