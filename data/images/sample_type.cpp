#include "data/images/sample_type.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <type_traits>

namespace unet {
namespace {

/// A floating-point number of 16 bits. Source: IEEE 754-2019, binary16.
struct Half {
  uint16_t bits;
  explicit operator float() const {
    const int exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
    float value = 0;
    if (exponent == 0x1F)
      value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    else
      value = std::ldexp(static_cast<float>(exponent == 0 ? fraction : fraction + 0x400),
                         (exponent == 0 ? 1 : exponent) - 25);
    return (bits & 0x8000) != 0 ? -value : value;
  }
};

template <class From, class To>
bool convert(const uint8_t* stored, size_t count, To* out) {
  bool fits = true;
  for (size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, stored + i * sizeof(From), sizeof(From));
    if constexpr (std::is_integral_v<From> && std::is_same_v<To, int32_t> && sizeof(From) >= sizeof(To)) {
      constexpr auto kLargest = static_cast<From>(std::numeric_limits<int32_t>::max());
      fits = fits && value <= kLargest;
      if constexpr (std::is_signed_v<From>) fits = fits && value >= std::numeric_limits<int32_t>::min();
    }
    out[i] = static_cast<To>(value);
  }
  return fits;
}

template <class To>
bool convert_integers(const uint8_t* stored, const SampleType& type, size_t count, To* out) {
  const bool is_signed = type.kind == SampleKind::signed_integer;
  switch (type.bits) {
    case 8:
      return is_signed ? convert<int8_t>(stored, count, out) : convert<uint8_t>(stored, count, out);
    case 16:
      return is_signed ? convert<int16_t>(stored, count, out) : convert<uint16_t>(stored, count, out);
    case 32:
      return is_signed ? convert<int32_t>(stored, count, out) : convert<uint32_t>(stored, count, out);
    default:
      return is_signed ? convert<int64_t>(stored, count, out) : convert<uint64_t>(stored, count, out);
  }
}

bool convert_to_float(const uint8_t* stored, const SampleType& type, size_t count, float* out) {
  if (type.kind != SampleKind::floating) return convert_integers(stored, type, count, out);
  if (type.bits == 16) return convert<Half>(stored, count, out);
  return type.bits == 32 ? convert<float>(stored, count, out) : convert<double>(stored, count, out);
}

/// Returns `value` as a T, or nothing where no T equals it.
template <class T>
std::optional<T> exact(std::optional<double> value) {
  if (!value || std::isnan(*value)) return std::nullopt;
  constexpr double kLargest = std::numeric_limits<T>::max();
  if constexpr (std::is_floating_point_v<T>) {
    // Writers print the largest float with fewer digits, which may round to a larger number.
    return static_cast<T>(std::max(-kLargest, std::min(kLargest, *value)));
  } else {
    constexpr double kLowest = std::numeric_limits<T>::lowest();
    if (*value < kLowest || *value > kLargest || *value != std::floor(*value)) return std::nullopt;
    return static_cast<T>(*value);
  }
}

template <class T>
bool is_valid(const T* pixel, int channels, const std::optional<T>& no_data) {
  if constexpr (std::is_floating_point_v<T>)
    for (int c = 0; c < channels; ++c)
      if (!std::isfinite(pixel[c])) return false;
  if (!no_data) return true;
  for (int c = 0; c < channels; ++c)
    if (pixel[c] != *no_data) return true;
  return false;
}

template <class T>
cv::Mat find_invalid(const cv::Mat& samples, std::optional<double> no_data) {
  const std::optional<T> marker = exact<T>(no_data);
  if (!marker && !std::is_floating_point_v<T>) return {};
  const int channels = samples.channels();
  cv::Mat invalid;
  for (int y = 0; y < samples.rows; ++y) {
    const T* row = samples.ptr<T>(y);
    for (int x = 0; x < samples.cols; ++x) {
      if (is_valid(row + static_cast<ptrdiff_t>(x) * channels, channels, marker)) continue;
      if (invalid.empty()) invalid = cv::Mat::zeros(samples.size(), CV_8UC1);
      invalid.at<uint8_t>(y, x) = 255;
    }
  }
  return invalid;
}

template <class T>
void convert_inks(const cv::Mat& inks, cv::Mat& out) {
  constexpr uint32_t kFull = std::numeric_limits<T>::max();
  const int stored = inks.channels(), channels = out.channels();
  for (int y = 0; y < inks.rows; ++y) {
    const T* from = inks.ptr<T>(y);
    T* to = out.ptr<T>(y);
    for (int x = 0; x < inks.cols; ++x, from += stored, to += channels) {
      const uint32_t light = kFull - from[3];
      for (int c = 0; c < 3; ++c) to[c] = static_cast<T>(((kFull - from[c]) * light + kFull / 2) / kFull);
      for (int c = 3; c < channels; ++c) to[c] = from[c + 1];
    }
  }
}

template <class T, class Signed>
cv::Mat lab_as_float(const cv::Mat& lab) {
  constexpr float kFull = std::numeric_limits<T>::max(), kUnit = sizeof(T) == 1 ? 1 : 256;
  cv::Mat result(lab.size(), CV_32FC3);
  for (int y = 0; y < lab.rows; ++y)
    for (int x = 0; x < lab.cols; ++x) {
      const auto& from = lab.at<cv::Vec<T, 3>>(y, x);
      const auto axis = [&](int c) { return static_cast<float>(static_cast<Signed>(from[c])) / kUnit; };
      result.at<cv::Vec3f>(y, x) = {static_cast<float>(from[0]) * 100 / kFull, axis(1), axis(2)};
    }
  return result;
}

}  // namespace

int sample_depth(const SampleType& type) {
  if (type.kind == SampleKind::floating) return CV_32F;
  if (type.kind == SampleKind::signed_integer || type.bits > 16) return CV_32S;
  return type.bits > 8 ? CV_16U : CV_8U;
}

bool convert_samples(const uint8_t* stored, const SampleType& type, size_t count, int depth, uint8_t* out) {
  if (depth == CV_32F) return convert_to_float(stored, type, count, reinterpret_cast<float*>(out));
  if (depth == CV_32S) return convert_integers(stored, type, count, reinterpret_cast<int32_t*>(out));
  std::memcpy(out, stored, count * static_cast<size_t>(type.bits / 8));
  return true;
}

cv::Mat invalid_pixels(const cv::Mat& samples, std::optional<double> no_data) {
  switch (samples.depth()) {
    case CV_8U:
      return find_invalid<uint8_t>(samples, no_data);
    case CV_16U:
      return find_invalid<uint16_t>(samples, no_data);
    case CV_32S:
      return find_invalid<int32_t>(samples, no_data);
    default:
      return find_invalid<float>(samples, no_data);
  }
}

cv::Mat cmyk_to_rgb(const cv::Mat& inks) {
  cv::Mat rgb(inks.size(), CV_MAKETYPE(inks.depth(), inks.channels() - 1));
  if (inks.depth() == CV_8U)
    convert_inks<uint8_t>(inks, rgb);
  else
    convert_inks<uint16_t>(inks, rgb);
  return rgb;
}

cv::Mat lab_to_rgb(const cv::Mat& lab) {
  const bool is_small = lab.depth() == CV_8U;
  cv::Mat rgb, result;
  cv::cvtColor(is_small ? lab_as_float<uint8_t, int8_t>(lab) : lab_as_float<uint16_t, int16_t>(lab), rgb,
               cv::COLOR_Lab2RGB);
  rgb.convertTo(result, lab.depth(), is_small ? 255 : 65535);
  return result;
}

}  // namespace unet
