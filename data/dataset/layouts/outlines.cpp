#include "data/dataset/layouts/outlines.h"

#include <charconv>
#include <cmath>

#include "configs/schema/error.h"
#include "data/images/image_probe.h"

namespace unet {
namespace {

/// Coordinates beyond this are damage: images are smaller by far.
constexpr double kMaxCoordinate = 1e7;

constexpr double kPi = 3.14159265358979323846;

cv::Point2d checked_point(double x, double y, const std::string& place) {
  const auto is_possible = [](double value) { return std::abs(value) <= kMaxCoordinate; };  // not NaN either
  if (!is_possible(x) || !is_possible(y))
    fail(ErrorKind::data, place, ": got the point (", x, ", ", y, "), expected pixels of an image");
  return {x, y};
}

cv::Point2d turned(cv::Point2d offset, double degrees) {
  const double cosine = std::cos(degrees * kPi / 180), sine = std::sin(degrees * kPi / 180);
  return {offset.x * cosine - offset.y * sine, offset.x * sine + offset.y * cosine};
}

}  // namespace

Outline outline_of(const std::vector<double>& numbers, const std::string& place) {
  if (numbers.size() % 2 != 0)
    fail(ErrorKind::data, place, ": got ", numbers.size(), " coordinates, expected x and y in turn");
  Outline outline;
  outline.reserve(numbers.size() / 2);
  for (size_t i = 0; i < numbers.size(); i += 2) outline.push_back(checked_point(numbers[i], numbers[i + 1], place));
  return outline;
}

Outline outline_of(const std::vector<double>& x, const std::vector<double>& y, const std::string& place) {
  if (x.size() != y.size())
    fail(ErrorKind::data, place, ": got ", x.size(), " x and ", y.size(), " y coordinates, expected equally many");
  Outline outline;
  outline.reserve(x.size());
  for (size_t i = 0; i < x.size(); ++i) outline.push_back(checked_point(x[i], y[i], place));
  return outline;
}

Outline rectangle_outline(cv::Point2d corner, cv::Point2d opposite, double degrees) {
  const cv::Point2d center = (corner + opposite) * 0.5, half = (opposite - corner) * 0.5;
  if (degrees == 0) return {corner, {opposite.x, corner.y}, opposite, {corner.x, opposite.y}};
  Outline outline;
  for (const cv::Point2d& offset : {-half, {half.x, -half.y}, half, {-half.x, half.y}})
    outline.push_back(center + turned(offset, degrees));
  return outline;
}

Outline ellipse_outline(cv::Point2d center, cv::Point2d radii, double degrees) {
  constexpr int kCorners = 360;
  Outline outline;
  outline.reserve(kCorners);
  for (int i = 0; i < kCorners; ++i) {
    const double angle = 2 * kPi * i / kCorners;
    outline.push_back(center + turned({radii.x * std::cos(angle), radii.y * std::sin(angle)}, degrees));
  }
  return outline;
}

std::vector<uint32_t> decode_runs(const std::string& text, const std::string& place) {
  constexpr int kFirst = 48, kBits = 5, kMaxDigits = 7;
  std::vector<uint32_t> runs;
  for (size_t i = 0; i < text.size();) {
    int64_t value = 0;
    bool is_last = false;
    for (int digit = 0; !is_last; ++digit) {
      const int code = i < text.size() ? static_cast<unsigned char>(text[i++]) - kFirst : -1;
      if (code < 0 || code > 63 || digit == kMaxDigits)
        fail(ErrorKind::data, place, ": damaged at character ", i, ", expected a compressed mask");
      value |= static_cast<int64_t>(code & 31) << (kBits * digit);
      is_last = (code & 32) == 0;
      if (is_last && (code & 16) != 0) value -= int64_t{1} << (kBits * (digit + 1));
    }
    if (runs.size() > 2) value += runs[runs.size() - 2];
    if (value < 0 || value > kMaxPixels)
      fail(ErrorKind::data, place, ": got a run of ", value, " pixels, expected a compressed mask");
    runs.push_back(static_cast<uint32_t>(value));
  }
  return runs;
}

std::vector<Outline> run_outlines(const std::vector<double>& runs, cv::Point corner, cv::Size box,
                                  const std::string& place) {
  const int64_t total = static_cast<int64_t>(box.width) * box.height;
  std::vector<Outline> outlines;
  const auto add = [&](int64_t x0, int64_t x1, int64_t y0, int64_t y1) {
    if (x0 < x1 && y0 < y1)
      outlines.push_back(rectangle_outline({static_cast<double>(corner.x + x0), static_cast<double>(corner.y + y0)},
                                           {static_cast<double>(corner.x + x1), static_cast<double>(corner.y + y1)}));
  };
  int64_t position = 0;
  bool is_inside = false;
  for (const double run : runs) {
    if (!(run >= 0 && run <= static_cast<double>(total - position)) || run != std::floor(run))
      fail(ErrorKind::data, place, ": got a run of ", run, " pixels at pixel ", position, " of ", total,
           ", expected runs that fill the box");
    const int64_t end = position + static_cast<int64_t>(run);
    if (is_inside && end > position) {
      const int64_t width = box.width, first = position / width, last = (end - 1) / width;
      if (first == last) {
        add(position % width, position % width + (end - position), first, first + 1);
      } else {
        add(position % width, width, first, first + 1);
        add(0, width, first + 1, last);
        add(0, (end - 1) % width + 1, last, last + 1);
      }
    }
    position = end;
    is_inside = !is_inside;
  }
  if (position != total)
    fail(ErrorKind::data, place, ": got runs of ", position, " pixels, expected ", total, " for the box");
  return outlines;
}

std::vector<double> read_numbers(const std::string& text, const char* separators, const std::string& place) {
  const std::string between = std::string(separators) + " \t\r\n";
  std::vector<double> numbers;
  for (size_t begin = 0;;) {
    begin = text.find_first_not_of(between, begin);
    if (begin == std::string::npos) return numbers;
    const size_t end = std::min(text.find_first_of(between, begin), text.size());
    double value = 0;
    const auto [stopped, error] = std::from_chars(text.data() + begin, text.data() + end, value);
    if (error != std::errc() || stopped != text.data() + end || !std::isfinite(value))
      fail(ErrorKind::data, place, ": got '", text.substr(begin, std::min<size_t>(end - begin, 40)),
           "', expected a number");
    numbers.push_back(value);
    begin = end;
  }
}

}  // namespace unet
