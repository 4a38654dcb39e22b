#include "app/inference/inputs.h"

#include <glob.h>

#include <algorithm>
#include <map>

#include "configs/schema/error.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().rfind('.', 0) == 0; }

std::vector<fs::path> images_in(const fs::path& folder, bool recursive) {
  std::vector<fs::path> images;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_hidden(entry.path())) continue;
    if (entry.is_directory() && !entry.is_symlink() && recursive) {  // symbolic links may form a cycle
      const auto below = images_in(entry.path(), recursive);
      images.insert(images.end(), below.begin(), below.end());
    } else if (entry.is_regular_file() && has_image_extension(entry.path().string())) {
      images.push_back(entry.path());
    }
  }
  std::sort(images.begin(), images.end());
  return images;
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

void add(std::vector<InputImage>& images, const std::string& input, bool recursive) {
  if (fs::is_directory(input)) {
    const auto below = images_in(input, recursive);
    if (below.empty())
      fail(ErrorKind::missing_input, input, ": no images in this folder (PNG, JPEG, TIFF, BMP, WebP)",
           recursive ? "." : ". To include subfolders, add --recursive.");
    for (const fs::path& path : below)
      images.push_back({path.string(), path.lexically_relative(input).replace_extension()});
  } else if (fs::exists(input)) {
    images.push_back({input, fs::path(input).filename().replace_extension()});
  } else {
    const auto found = matches(input);
    if (found.empty())
      fail(ErrorKind::missing_input, input, ": no such file or folder, and no file matches it as a pattern");
    for (const std::string& path : found) add(images, path, recursive);
  }
}

}  // namespace

std::vector<InputImage> find_inputs(const std::vector<std::string>& inputs, bool recursive) {
  std::vector<InputImage> images;
  for (const std::string& input : inputs) add(images, input, recursive);
  std::map<fs::path, std::string> first;
  for (const InputImage& image : images) {
    const auto [place, is_new] = first.emplace(image.relative, image.path);
    if (!is_new)
      fail(ErrorKind::usage, place->second, " and ", image.path, " would both be written to ", image.relative.string(),
           ".png. Predict them in separate calls, with different --out.");
  }
  return images;
}

}  // namespace unet
