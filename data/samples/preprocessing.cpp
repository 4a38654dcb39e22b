#include "data/samples/preprocessing.h"

#include <opencv2/imgproc.hpp>

#include "configs/schema/error.h"
#include "data/dataset/read_sample.h"

namespace unet {
namespace {

/// Returns cv::cvtColor's code between two numbers of channels; -1 if no conversion is needed.
int conversion(int from, int64_t to) {
  if (from == 1 && to == 3) return cv::COLOR_GRAY2RGB;
  if (from == 1 && to == 4) return cv::COLOR_GRAY2RGBA;
  if (from == 3 && to == 1) return cv::COLOR_RGB2GRAY;
  if (from == 3 && to == 4) return cv::COLOR_RGB2RGBA;
  if (from == 4 && to == 1) return cv::COLOR_RGBA2GRAY;
  if (from == 4 && to == 3) return cv::COLOR_RGBA2RGB;
  return -1;
}

/// Gives an image the channels that the network expects; `place` names it in messages.
cv::Mat with_channels(const Image& image, int64_t channels, const std::string& place) {
  const int stored = image.pixels.channels();
  // Four channels without alpha are four measurements, which no color conversion takes apart.
  const bool is_color = stored == 1 || stored == 3 || (stored == 4 && image.has_alpha);
  if (stored == channels) return image.pixels;
  const int code = is_color ? conversion(stored, channels) : -1;
  if (code < 0)
    fail(ErrorKind::data, place, ": got an image of ", stored, stored == 1 ? " channel" : " channels", ", expected ",
         channels, " as in training");
  cv::Mat converted;
  cv::cvtColor(image.pixels, converted, code);
  return converted;
}

cv::Mat resized_image(const cv::Mat& image, cv::Size size) {
  if (image.size() == size) return image;
  const bool shrinks = size.width <= image.cols && size.height <= image.rows;
  cv::Mat out;
  cv::resize(image, out, size, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return out;
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

cv::Size size_of(const DataOptions& options) {
  if (options.size.size() != 2)
    fail(ErrorKind::config, "[data.size] got ", options.size.size(), " numbers, expected height and width");
  return {static_cast<int>(options.size[1]), static_cast<int>(options.size[0])};
}

}  // namespace

Preprocessing::Preprocessing(const DataOptions& options)
    : channels_(options.channels.value_or(0)),
      resize_(options.size_policy == SizePolicy::resize),
      size_(size_of(options)),
      mean_(options.mean),
      labels_(label_map(options)) {
  if (channels_ < 1) fail(ErrorKind::config, "[data.channels] got ", channels_, ", expected at least 1");
  for (const auto* statistic : {&options.mean, &options.std})
    if (static_cast<int64_t>(statistic->size()) != channels_)
      fail(ErrorKind::config, statistic == &options.mean ? "[data.mean]" : "[data.std]", " got ", statistic->size(),
           " values, expected ", channels_, ", one for each channel");
  for (size_t c = 0; c < options.std.size(); ++c) {
    scale_.push_back(static_cast<float>(1 / options.std[c]));
    shift_.push_back(static_cast<float>(-options.mean[c] / options.std[c]));
  }
}

void Preprocessing::fill_invalid(cv::Mat& pixels, const cv::Mat& invalid) const {
  if (invalid.empty()) return;
  const double scale = full_range(pixels.depth());
  std::vector<cv::Mat> planes;
  cv::split(pixels, planes);
  for (size_t c = 0; c < planes.size(); ++c) planes[c].setTo(mean_[c] * scale, invalid);
  cv::merge(planes, pixels);
}

cv::Mat Preprocessing::load_image(const ImageSource& source) const {
  const Image image = read_image(source);
  cv::Mat pixels = with_channels(image, channels_, text_of(source));
  fill_invalid(pixels, image.invalid);
  return pixels;
}

Sample Preprocessing::load(const SampleRef& ref) const {
  const RawSample raw = read_sample(ref);
  ValueCounts unknown;
  Sample sample{with_channels(raw.image, channels_, ref.text()), labels_.to_classes(raw.labels.values, unknown)};
  if (!unknown.empty())
    fail(ErrorKind::data, text_of(ref.labels), ": got mask value ", label_value_text(unknown.begin()->first), " (",
         unknown.begin()->second, " pixels), expected keys of data.labels. Add it there or to data.ignore_values");
  fill_invalid(sample.image, raw.image.invalid);
  if (!raw.image.invalid.empty()) sample.mask.setTo(static_cast<double>(kIgnoreLabel), raw.image.invalid);
  return sample;
}

cv::Size Preprocessing::network_size(cv::Size image) const { return resize_ ? size_ : image; }

torch::Tensor Preprocessing::to_tensor(const cv::Mat& image) const {
  const cv::Mat scaled = to_float(resized_image(image, network_size(image.size())));
  torch::Tensor tensor = torch::empty({1, channels_, scaled.rows, scaled.cols}, torch::kFloat32);
  normalize_into(scaled, tensor.data_ptr<float>());
  return tensor;
}

cv::Mat Preprocessing::to_float(const cv::Mat& image) {
  if (image.depth() == CV_32F) return image;
  cv::Mat scaled;
  image.convertTo(scaled, CV_32F, 1 / full_range(image.depth()));
  return scaled;
}

void Preprocessing::normalize_into(const cv::Mat& image, float* out) const {
  if (image.depth() != CV_32F || image.channels() != channels_)
    fail(ErrorKind::internal, "preprocessing: got an image of type ", image.type(), ", expected float with ", channels_,
         " channels");
  const auto row = channels_ == 1 ? normalize_row<1> : channels_ == 3 ? normalize_row<3> : normalize_row<0>;
  const size_t plane = image.total();
  for (int y = 0; y < image.rows; ++y)
    row(image.ptr<float>(y), image.cols, static_cast<int>(channels_), scale_.data(), shift_.data(),
        out + static_cast<size_t>(y) * static_cast<size_t>(image.cols), plane);
}

Sample resized(const Sample& sample, cv::Size size) {
  Sample out{resized_image(sample.image, size), sample.mask};
  if (sample.mask.size() != size) cv::resize(sample.mask, out.mask, size, 0, 0, cv::INTER_NEAREST_EXACT);
  return out;
}

}  // namespace unet
