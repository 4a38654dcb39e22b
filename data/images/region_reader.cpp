#include "data/images/region_reader.h"

#include <algorithm>
#include <utility>

#include "configs/schema/error.h"
#include "data/images/image_values.h"

namespace unet {

RegionReader::RegionReader(const std::string& path) : file_(path) {
  constexpr size_t kHeadBytes = size_t{1} << 16;
  head_.resize(std::min(file_.size(), kHeadBytes));
  file_.read(0, head_.size(), head_.data());
}

std::unique_ptr<RegionReader> RegionReader::open(const std::string& path, int page) {
  try {
    std::unique_ptr<RegionReader> reader(new RegionReader(path));
    const ByteView head(reader->head_, reader->file_.path(), reader->file_.size());
    const FormatReader* format = recognize_format(head);
    if (format == nullptr || format->open_regions == nullptr) return nullptr;
    reader->decoder_ = format->open_regions(reader->file_, head, std::max(page, 0));
    if (!reader->decoder_) return nullptr;
    const ImageInfo& info = reader->info();
    check_header(head, info);
    const bool is_other_page = page == kOnlyPage && info.pages > 1;
    return is_other_page || info.orientation != 1 ? nullptr : std::move(reader);
  } catch (const Error&) {
    return nullptr;
  }
}

StoredPixels RegionReader::decode(const cv::Rect& part) {
  if (part.empty() || (part & cv::Rect({}, size())) != part)
    fail(ErrorKind::internal, file_.path(), ": got the region ", part.x, ",", part.y, " ", part.width, "x", part.height,
         ", expected one within ", size().width, "x", size().height, " pixels");
  try {
    return decoder_->decode(part);
  } catch (const cv::Exception& error) {
    fail(ErrorKind::data, file_.path(), ": damaged: ", error.err, ". Copy or download it again");
  }
}

Image RegionReader::read_image(const cv::Rect& part) { return to_image(info(), decode(part)); }

bool RegionReader::has_local_labels(const MaskReading& reading) const {
  return info().palette ? reading.palette == PaletteMode::indices : info().channels == 1;
}

Mask RegionReader::read_mask(const cv::Rect& part, const MaskReading& reading) {
  return to_mask(info(), decode(part), reading, file_.path());
}

}  // namespace unet
