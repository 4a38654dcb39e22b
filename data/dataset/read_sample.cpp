#include "data/dataset/read_sample.h"

#include "configs/schema/error.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

cv::Mat read_stored(const ImageFile& file) { return read_image(file.path); }

cv::Mat read_stored(const MaskFile& file) { return read_mask_values(file.path); }

}  // namespace

cv::Mat read_image(const ImageSource& source) {
  return std::visit([](const auto& stored) { return read_stored(stored); }, source);
}

cv::Mat read_labels(const LabelSource& source) {
  return std::visit([](const auto& stored) { return read_stored(stored); }, source);
}

RawSample read_sample(const SampleRef& sample) {
  RawSample raw{read_image(sample.image), read_labels(sample.labels)};
  check_sizes(raw, sample);
  return raw;
}

void check_sizes(const RawSample& raw, const SampleRef& sample) {
  if (raw.image.size() == raw.values.size()) return;
  fail(ErrorKind::data, text_of(sample.labels), ": got a mask of ", raw.values.cols, "x", raw.values.rows,
       " pixels for an image of ", raw.image.cols, "x", raw.image.rows, " (", sample.text(),
       "), expected equal sizes. Check that they belong together, or resize the mask with nearest-neighbor "
       "interpolation");
}

}  // namespace unet
