#include "data/samples/preprocessing.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "configs/schema/error.h"
#include "data/dataset/channels.h"
#include "data/samples/many_channels.h"

namespace unet {
namespace {

cv::Mat resized_image(const cv::Mat& image, cv::Size size) {
  if (image.size() == size) return image;
  const bool shrinks = size.width <= image.cols && size.height <= image.rows;
  return by_channel_groups(image, [&](const cv::Mat& group) {
    cv::Mat out;
    cv::resize(group, out, size, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
    return out;
  });
}

/// Normalizes one row of an image into rows of planes. The number of channels is a template argument so that the
/// compiler vectorizes the loop; 0 stands for any number.
template <int known_channels>
void normalize_row(const float* in, int width, int any_channels, const float* scale, const float* shift, float* out,
                   size_t plane) {
  const int channels = known_channels > 0 ? known_channels : any_channels;
  for (int c = 0; c < channels; ++c) {
    float* to = out + static_cast<size_t>(c) * plane;
    for (int x = 0; x < width; ++x) to[x] = in[x * channels + c] * scale[c] + shift[c];
  }
}

/// The normalization of one image: normalized = clamp(value, low, high) * scale + shift.
struct ChannelScaling {
  std::vector<float> scale, shift;
};

ChannelScaling scaling_of(const std::vector<double>& mean, const std::vector<double>& deviation) {
  ChannelScaling scaling;
  for (size_t c = 0; c < deviation.size(); ++c) {
    scaling.scale.push_back(static_cast<float>(1 / deviation[c]));
    scaling.shift.push_back(static_cast<float>(-mean[c] / deviation[c]));
  }
  return scaling;
}

cv::Size size_of(const DataOptions& options) {
  if (options.size.size() != 2)
    fail(ErrorKind::config, "[data.size] got ", options.size.size(), " numbers, expected height and width");
  return {static_cast<int>(options.size[1]), static_cast<int>(options.size[0])};
}

}  // namespace

Preprocessing::Preprocessing(const DataOptions& options)
    : channels_(options.channels.value_or(0)),
      fourth_channel_(options.fourth_channel),
      resize_(options.size_policy == SizePolicy::resize),
      size_(size_of(options)),
      mean_(options.mean),
      labels_(label_map(options)) {
  if (channels_ < 1) fail(ErrorKind::config, "[data.channels] got ", channels_, ", expected at least 1");
  normalization_ = normalization_of(options);
  const ChannelScaling scaling = scaling_of(normalization_.mean, normalization_.std);
  scale_ = scaling.scale;
  shift_ = scaling.shift;
}

void Preprocessing::select_channels(std::vector<int64_t> selection) {
  if (static_cast<int64_t>(selection.size()) != channels_)
    fail(ErrorKind::usage, "--channels: got ", selection.size(), " channels, expected ", channels_, " as in training");
  selection_ = std::move(selection);
}

cv::Mat Preprocessing::with_channels(const Image& image, const std::string& place) const {
  return convert_channels(image, channels_, fourth_channel_, selection_, place);
}

void Preprocessing::fill_invalid(cv::Mat& pixels, const cv::Mat& invalid) const {
  if (invalid.empty()) return;
  const double scale = full_range(pixels.depth());
  std::vector<cv::Mat> planes;
  cv::split(pixels, planes);
  const cv::Mat valid = ~invalid;
  const bool own = normalization_.per_image && cv::countNonZero(valid) > 0;
  for (size_t c = 0; c < planes.size(); ++c)
    planes[c].setTo(own ? cv::mean(planes[c], valid)[0] : mean_[c] * scale, invalid);
  cv::merge(planes, pixels);
}

cv::Mat Preprocessing::load_image(const ImageSource& source) const {
  const Image image = read_image(source);
  cv::Mat pixels = with_channels(image, text_of(source));
  fill_invalid(pixels, image.invalid);
  return pixels;
}

Sample Preprocessing::load(const SampleRef& ref) const { return to_sample(read_sample(ref), ref); }

Sample Preprocessing::to_sample(const RawSample& raw, const SampleRef& ref) const {
  ValueCounts unknown;
  Sample sample{with_channels(raw.image, ref.text()), labels_.to_classes(raw.labels.values, unknown)};
  if (!unknown.empty())
    fail(ErrorKind::data, text_of(ref.labels), ": got mask value ", label_value_text(unknown.begin()->first), " (",
         unknown.begin()->second, " pixels), expected keys of data.labels. Add it there or to data.ignore_values");
  fill_invalid(sample.image, raw.image.invalid);
  if (!raw.image.invalid.empty()) sample.mask.setTo(static_cast<double>(kIgnoreLabel), raw.image.invalid);
  sample.statistics = own_statistics(sample.image);
  return sample;
}

cv::Size Preprocessing::network_size(cv::Size image) const { return resize_ ? size_ : image; }

torch::Tensor Preprocessing::to_tensor(const cv::Mat& image) const {
  const cv::Mat scaled = to_float(resized_image(image, network_size(image.size())));
  torch::Tensor tensor = torch::empty({1, channels_, scaled.rows, scaled.cols}, torch::kFloat32);
  normalize_into(scaled, tensor.data_ptr<float>(), own_statistics(image));
  return tensor;
}

std::vector<ChannelStatistics> Preprocessing::own_statistics(const cv::Mat& image) const {
  if (!normalization_.per_image) return {};
  std::vector<ChannelStatistics> statistics = statistics_of(image);
  for (size_t c = 0; c < statistics.size(); ++c)
    statistics[c].deviation = std::max(statistics[c].deviation, normalization_.smallest_std.at(c));
  return statistics;
}

cv::Mat Preprocessing::to_float(const cv::Mat& image) {
  if (image.depth() == CV_32F) return image;
  cv::Mat scaled;
  image.convertTo(scaled, CV_32F, 1 / full_range(image.depth()));
  return scaled;
}

void Preprocessing::normalize_into(const cv::Mat& image, float* out, const std::vector<ChannelStatistics>& own) const {
  if (image.depth() != CV_32F || image.channels() != channels_)
    fail(ErrorKind::internal, "preprocessing: got an image of type ", image.type(), ", expected float with ", channels_,
         " channels");
  cv::Mat values = image;
  if (!normalization_.low.empty()) {
    values = image.clone();
    clip_channels(values, normalization_.low, normalization_.high);
  }
  const float *scale = scale_.data(), *shift = shift_.data();
  ChannelScaling scaling;
  if (!own.empty()) {
    std::vector<double> mean, deviation;
    for (const ChannelStatistics& channel : own) {
      mean.push_back(channel.mean);
      deviation.push_back(channel.deviation);
    }
    scaling = scaling_of(mean, deviation);
    scale = scaling.scale.data();
    shift = scaling.shift.data();
  }
  const auto row = channels_ == 1 ? normalize_row<1> : channels_ == 3 ? normalize_row<3> : normalize_row<0>;
  const size_t plane = values.total();
  for (int y = 0; y < values.rows; ++y)
    row(values.ptr<float>(y), values.cols, static_cast<int>(channels_), scale, shift,
        out + static_cast<size_t>(y) * static_cast<size_t>(values.cols), plane);
}

Sample resized(const Sample& sample, cv::Size size) {
  Sample out{resized_image(sample.image, size), sample.mask, sample.statistics};
  if (sample.mask.size() != size) cv::resize(sample.mask, out.mask, size, 0, 0, cv::INTER_NEAREST_EXACT);
  return out;
}

}  // namespace unet
