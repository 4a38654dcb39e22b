#include "data/dataset/sample_regions.h"

#include <filesystem>
#include <system_error>
#include <vector>

namespace unet {
namespace {

using PagesOfFiles = std::vector<std::pair<std::string, int>>;

/// Lists the image files that store a source; empty for sources that no image file stores.
struct ListFiles {
  PagesOfFiles operator()(const ImageFile& file) const { return {{file.path, kOnlyPage}}; }
  PagesOfFiles operator()(const ImagePage& file) const { return {{file.path, file.page}}; }
  PagesOfFiles operator()(const ImagePages& file) const {
    PagesOfFiles list;
    for (const int page : file.pages) list.emplace_back(file.path, page);
    return list;
  }
  PagesOfFiles operator()(const ImageChannels& files) const {
    PagesOfFiles list;
    for (const std::string& path : files.paths) list.emplace_back(path, kOnlyPage);
    return list;
  }
  PagesOfFiles operator()(const MaskFile& file) const { return {{file.path, kOnlyPage}}; }
  PagesOfFiles operator()(const MaskPage& file) const { return {{file.path, file.page}}; }
  PagesOfFiles operator()(const MergedMasks& masks) const {
    PagesOfFiles list;
    for (const MergedMasks::Layer& layer : masks.layers) list.emplace_back(layer.path, kOnlyPage);
    return list;
  }
  PagesOfFiles operator()(const ArrayMask&) const { return {}; }
  PagesOfFiles operator()(const ShapeLabels&) const { return {}; }
};

/// How much larger an image can be than its file, as a rule: the limit of Deflate.
constexpr int64_t kMaxExpansion = 1032;

int64_t stored_bytes(const PagesOfFiles& files) {
  int64_t bytes = 0;
  for (const auto& [path, page] : files) {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path, ignored);
    if (!ignored) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

}  // namespace

std::unique_ptr<SampleRegions> SampleRegions::open(const SampleRef& sample, int64_t min_bytes) {
  std::unique_ptr<SampleRegions> regions(new SampleRegions(sample));
  return regions->open_image(min_bytes) && regions->open_labels() ? std::move(regions) : nullptr;
}

RegionReader* SampleRegions::open_file(const std::string& path, int page) {
  constexpr size_t kMaxFiles = 16;  // open at once, for each thread
  std::unique_ptr<RegionReader>& reader = files_[{path, page}];
  if (!reader && files_.size() <= kMaxFiles) reader = RegionReader::open(path, page);
  return reader.get();
}

bool SampleRegions::open_image(int64_t min_bytes) {
  const PagesOfFiles files = std::visit(ListFiles(), sample_.image);
  if (stored_bytes(files) < min_bytes / kMaxExpansion) return false;
  for (const auto& [path, page] : files) {
    const RegionReader* reader = open_file(path, page);
    if (reader == nullptr) return false;
    const int depth = decoded_depth(reader->info()), channels = reader->info().channels;
    // `read_sample` says what is wrong with channel files that do not fit together.
    if (channels_ > 0 && (channels != 1 || reader->size() != size_ || depth != depth_)) return false;
    size_ = reader->size();
    depth_ = depth;
    channels_ += channels;
  }
  return channels_ > 0 && bytes() >= min_bytes;
}

bool SampleRegions::open_labels() {
  if (std::holds_alternative<ArrayMask>(sample_.labels)) return false;
  for (const auto& [path, page] : std::visit(ListFiles(), sample_.labels)) {
    const RegionReader* reader = open_file(path, page);
    if (reader == nullptr || reader->size() != size_ || !reader->has_local_labels(sample_.reading)) return false;
  }
  return true;
}

Image SampleRegions::image(const std::string& path, int page) { return files_.at({path, page})->read_image(part_); }

Mask SampleRegions::mask(const std::string& path, int page, const MaskReading& reading) {
  return files_.at({path, page})->read_mask(part_, reading);
}

RawSample SampleRegions::read(const cv::Rect& part) {
  part_ = part;
  RawSample raw;
  raw.image = read_image(sample_.image, *this);
  raw.labels = read_labels(sample_, size_, part, *this);
  return raw;
}

}  // namespace unet
