#include "data/samples/jpeg_artifacts.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/samples/many_channels.h"

namespace unet {
namespace {

/// Compresses 8-bit gray or RGB values and decodes them.
cv::Mat through_jpeg(cv::Mat bytes, int quality) {
  const bool is_color = bytes.channels() == 3;
  if (is_color) cv::cvtColor(bytes, bytes, cv::COLOR_RGB2BGR);
  std::vector<uchar> file;
  cv::imencode(".jpg", bytes, file, {cv::IMWRITE_JPEG_QUALITY, quality});
  cv::Mat decoded = cv::imdecode(file, is_color ? cv::IMREAD_COLOR : cv::IMREAD_GRAYSCALE);
  if (is_color) cv::cvtColor(decoded, decoded, cv::COLOR_BGR2RGB);
  return decoded;
}

}  // namespace

void JpegArtifacts::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("quality", quality, "JPEG quality, rounded, uniform in this range", in_range(1, 100));
}

void JpegArtifacts::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const int chosen = cvRound(rng.uniform(quality.low, quality.high));
  image = by_colors(image, [&](const cv::Mat& part) {
    double low = 0, high = 0;
    cv::minMaxLoc(part.reshape(1), &low, &high);
    if (high <= low) return part;
    const double step = (high - low) / 255;
    cv::Mat bytes, values;
    part.convertTo(bytes, CV_8U, 1 / step, -low / step);
    through_jpeg(bytes, chosen).convertTo(values, CV_32F, step, low);
    return values;
  });
}

}  // namespace unet
