#include "data/dataset/sample_ref.h"

#include <algorithm>

#include "configs/schema/error.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

std::string page_text(const std::string& path, int page) { return concat(path, " page ", page + 1); }

std::string file_list(const std::string& first, size_t count) {
  return count == 1 ? first : concat(first, " and ", count - 1, " more");
}

std::string place_of(const ImageFile& file) { return file.path; }

std::string place_of(const ImagePage& file) { return page_text(file.path, file.page); }

std::string place_of(const ImagePages& file) {
  const int page = file.pages.at(file.pages.size() / 2);
  return page == kOnlyPage ? file.path : page_text(file.path, page);
}

std::string place_of(const ImageChannels& files) { return file_list(files.paths.at(0), files.paths.size()); }

std::string place_of(const MaskFile& file) { return file.path; }

std::string place_of(const MaskPage& file) { return page_text(file.path, file.page); }

std::string place_of(const MergedMasks& masks) { return file_list(masks.layers.at(0).path, masks.layers.size()); }

std::string place_of(const ArrayMask& file) { return file.path; }

std::string place_of(const ShapeLabels& labels) {
  const Annotation& annotation = *labels.annotation;
  return annotation.item.empty() ? annotation.path : annotation.path + " (" + annotation.item + ")";
}

}  // namespace

ImageSource page_source(const std::string& path, int page, int pages, int64_t neighbors) {
  if (neighbors == 0) return pages == 1 ? ImageSource(ImageFile(path)) : ImageSource(ImagePage{path, page});
  ImagePages source{path, {}};
  const auto reach = static_cast<int>(neighbors);
  for (int i = page - reach; i <= page + reach; ++i)
    source.pages.push_back(pages == 1 ? kOnlyPage : std::clamp(i, 0, pages - 1));
  return source;
}

std::string text_of(const ImageSource& source) {
  return std::visit([](const auto& stored) { return place_of(stored); }, source);
}

std::string text_of(const LabelSource& source) {
  return std::visit([](const auto& stored) { return place_of(stored); }, source);
}

}  // namespace unet
