#include "app/check/sample_picture.h"

#include <opencv2/imgproc.hpp>
#include <utility>

#include "app/pictures/contrast.h"
#include "app/pictures/drawing.h"
#include "app/pictures/palette.h"
#include "configs/schema/error.h"
#include "data/dataset/class_colors.h"
#include "data/dataset/read_sample.h"

namespace unet {
namespace {

/// Returns what `read` returns; nothing if the file cannot be read.
template <class Read>
auto read_if_readable(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error&) {
    return std::nullopt;
  }
}

cv::Mat scaled_mask(const cv::Mat& mask, cv::Size size) {
  cv::Mat result;
  if (!mask.empty()) cv::resize(mask, result, size, 0, 0, cv::INTER_NEAREST);
  return result;
}

/// Label values without a known class, as an image: colors as they are, numbers from black to white.
cv::Mat drawn_values(const cv::Mat& values) {
  if (values.type() == CV_8UC3) return values;
  cv::Mat gray, rgb;
  cv::normalize(values, gray, 0, 255, cv::NORM_MINMAX, CV_8U);
  cv::cvtColor(gray, rgb, cv::COLOR_GRAY2RGB);
  return rgb;
}

}  // namespace

ClassStyle class_style(const DataReport& report) {
  const DataOptions& options = report.data.options;
  ClassStyle style;
  if (options.labels.empty()) return style;
  style.labels = label_map(options);
  style.colors = options.class_colors;
  for (size_t c = 1; c < report.masks.classes.size(); ++c)
    if (3 * sum_of(report.masks.classes[c].pixels) > 2 * sum_of(report.masks.labeled))
      style.untinted = static_cast<int64_t>(c);
  // Black, the usual color of class 0, is invisible as a tint.
  if (style.colors == default_class_colors(style.labels->num_classes()))
    std::swap(style.colors[0], style.colors[static_cast<size_t>(style.untinted)]);
  return style;
}

SamplePicture::SamplePicture(const SampleRef& sample, const ClassStyle& style) {
  std::optional<Image> image = read_if_readable([&] { return read_image(sample.image); });
  const cv::Size size = image ? image->pixels.size() : cv::Size();
  std::optional<Mask> labels = read_if_readable([&] { return read_labels(sample, size); });
  if (image && labels) {
    RawSample raw{std::move(*image), std::move(*labels)};
    match_rotation(raw);
    take_image(raw.image);
    if (raw.labels.values.size() == size) take_labels(raw.labels.values, style);
  } else if (image) {
    take_image(*image);
  } else if (labels && !labels->values.empty()) {
    const cv::Size small = tile_size(labels->values.size(), kLargestPicture);
    image_ = drawn_values(scaled_mask(labels->values, small));
    notes_.emplace_back("the mask alone");
  }
}

SamplePicture::SamplePicture(const std::string& file) {
  if (const std::optional<Image> image = read_if_readable([&] { return read_image(file); })) take_image(*image);
}

void SamplePicture::take_image(const Image& image) {
  constexpr int kColorChannels = 3;  // other channels may differ in scale
  const int colors = image.pixels.channels() - (image.has_alpha ? 1 : 0);
  const cv::Size size = tile_size(image.pixels.size(), kLargestPicture);
  const cv::Mat small = scaled(shown_channels(image.pixels, image.has_alpha, notes_), size, cv::INTER_LINEAR);
  const DisplayImage shown = with_contrast(small, scaled_mask(image.invalid, size),
                                           colors == kColorChannels ? Stretch::joint : Stretch::by_channel);
  image_ = shown.picture;
  notes_.insert(notes_.end(), shown.notes.begin(), shown.notes.end());
}

void SamplePicture::take_labels(const cv::Mat& values, const ClassStyle& style) {
  if (!style.labels) return;
  const cv::Mat small = scaled_mask(values, image_.size());
  ValueCounts unknown;
  classes_ = style.labels->to_classes(small, unknown);
  unknown_ = cv::Mat(small.size(), CV_8UC1, cv::Scalar(0));
  for_each_value(small, [&](int y, int x, int64_t value) {
    if (unknown.count(value) != 0) unknown_.at<uint8_t>(y, x) = 255;
  });
}

cv::Mat SamplePicture::draw(int longest, const ClassStyle& style) const {
  if (image_.empty()) return {};
  const cv::Size size = tile_size(image_.size(), longest);
  const cv::Mat image = scaled(image_, size, cv::INTER_LINEAR);
  if (classes_.empty()) return image;
  const cv::Mat classes = scaled_mask(classes_, size);
  cv::Mat picture = overlaid(image, classes, style.colors, style.untinted);
  stripe(picture, classes == static_cast<double>(kIgnoreLabel));
  picture.setTo(kUnknownColor, scaled_mask(unknown_, size));
  return picture;
}

}  // namespace unet
