#include "app/pictures/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "app/pictures/drawing.h"
#include "data/dataset/class_colors.h"

namespace unet {
namespace {

constexpr int kChartWidth = 960, kChartHeight = 600;
const cv::Rect kFrame(72, 58, kChartWidth - 72 - 32, kChartHeight - 58 - 64);
const cv::Scalar kGrid(225, 225, 225), kFaintGrid(243, 243, 243), kMark(214, 39, 40);
constexpr int kShift = 4;  // OpenCV draws between pixels in units of 1 / 2^kShift

cv::Scalar ink_of(const std::string& color) {
  const cv::Vec3b rgb = parse_color(color);
  return {static_cast<double>(rgb[0]), static_cast<double>(rgb[1]), static_cast<double>(rgb[2])};
}

void write_centered(cv::Mat& sheet, const std::string& text, cv::Point middle) {
  write_text(sheet, text, {middle.x - text_width(text) / 2, middle.y});
}

/// Converts values to pixels, counted from the top left corner of the frame.
class Axes {
 public:
  explicit Axes(const Curve& curve) {
    x_low_ = std::log10(curve.x.front());
    x_high_ = std::max(std::log10(curve.x.back()), x_low_ + 0.1);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const CurveSeries& series : curve.series)
      for (const double y : series.y) {
        low = std::min(low, y);
        high = std::max(high, y);
      }
    high = std::min(high, curve.y_high.value_or(high));
    const double margin = high > low ? 0.05 * (high - low) : 1;
    y_low_ = low - margin;
    y_high_ = high + margin;
  }

  double x_low() const { return x_low_; }
  double x_high() const { return x_high_; }
  double y_low() const { return y_low_; }
  double y_high() const { return y_high_; }

  double x(double value) const { return kFrame.width * (std::log10(value) - x_low_) / (x_high_ - x_low_); }
  double y(double value) const { return kFrame.height * (y_high_ - value) / (y_high_ - y_low_); }

  /// Point in units of 1 / 2^kShift pixels. Values far above the frame are clamped, so that OpenCV can draw lines to
  /// them.
  cv::Point fine_point(double x_value, double y_value) const {
    constexpr double kUnits = 1 << kShift;
    const double far = -20.0 * kFrame.height;
    return {static_cast<int>(std::lround(kUnits * x(x_value))),
            static_cast<int>(std::lround(kUnits * std::max(y(y_value), far)))};
  }

 private:
  double x_low_, x_high_, y_low_, y_high_;  // x: logarithms
};

void draw_x_axis(cv::Mat& sheet, cv::Mat& frame, const Axes& axes) {
  for (int exponent = static_cast<int>(std::floor(axes.x_low())); exponent <= axes.x_high(); ++exponent)
    for (int digit = 1; digit <= 9; ++digit) {
      const int x = static_cast<int>(std::lround(axes.x(digit * std::pow(10, exponent))));
      if (x < 0 || x > kFrame.width) continue;
      cv::line(frame, {x, 0}, {x, kFrame.height}, digit == 1 ? kGrid : kFaintGrid);
      if (digit == 1) write_centered(sheet, fmt::format("1e{}", exponent), {kFrame.x + x, kFrame.br().y + 20});
    }
}

void draw_y_axis(cv::Mat& sheet, cv::Mat& frame, const Axes& axes) {
  constexpr int kTicks = 6;
  const auto ticks = round_ticks(axes.y_low(), axes.y_high(), kTicks);
  const double spacing = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(spacing) + 1e-9)));
  for (const double tick : ticks) {
    const int y = static_cast<int>(std::lround(axes.y(tick)));
    cv::line(frame, {0, y}, {kFrame.width, y}, kGrid);
    const std::string text = fmt::format("{:.{}f}", tick, digits);
    write_text(sheet, text, {kFrame.x - 10 - text_width(text), kFrame.y + y + 5});
  }
}

void draw_series(cv::Mat& frame, const Axes& axes, const Curve& curve, const CurveSeries& series) {
  std::vector<cv::Point> points;
  for (size_t i = 0; i < series.y.size(); ++i) points.push_back(axes.fine_point(curve.x.at(i), series.y[i]));
  const cv::Scalar ink = ink_of(series.color);
  if (!series.as_dots) {
    cv::polylines(frame, points, /*isClosed=*/false, ink, 2, cv::LINE_AA, kShift);
    return;
  }
  constexpr int kRadius = 3 << kShift;
  for (const cv::Point& point : points) cv::circle(frame, point, kRadius, ink, cv::FILLED, cv::LINE_AA, kShift);
}

/// Draws a dashed line over the whole height, with its label on the side that has room.
void draw_mark(cv::Mat& frame, const Axes& axes, double value, const std::string& text) {
  constexpr int kDash = 8, kMargin = 8;
  const int x = static_cast<int>(std::lround(axes.x(value)));
  for (int y = 0; y < kFrame.height; y += 2 * kDash) cv::line(frame, {x, y}, {x, y + kDash - 1}, kMark, 2);
  const int width = text_width(text);
  const int left = x + kMargin + width < kFrame.width ? x + kMargin : x - kMargin - width;
  const cv::Rect room(left - 3, kFrame.height - kLine - kGap, width + 6, kLine);
  cv::rectangle(frame, room, kPaper, cv::FILLED);
  write_text(frame, text, {left, room.y + kTextBase}, kMark);
}

cv::Mat legend_of(const Curve& curve) {
  std::vector<std::string> names, colors;
  for (const CurveSeries& series : curve.series) {
    names.push_back(series.name);
    colors.push_back(series.color);
  }
  return legend(names, colors, kFrame.width);
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double share = rough / power;
  const double spacing = power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  for (double i = std::ceil(low / spacing - 1e-9); i * spacing <= high + 1e-9 * spacing; ++i)
    ticks.push_back(i * spacing);
  return ticks;
}

cv::Mat draw_curve(const Curve& curve) {
  cv::Mat sheet(kChartHeight, kChartWidth, CV_8UC3, kPaper);
  cv::Mat frame = sheet(kFrame);
  const Axes axes(curve);
  draw_x_axis(sheet, frame, axes);
  draw_y_axis(sheet, frame, axes);
  for (const CurveSeries& series : curve.series) draw_series(frame, axes, curve, series);
  if (curve.marked_x) draw_mark(frame, axes, *curve.marked_x, curve.mark);
  cv::rectangle(sheet, kFrame, kInk, 1);
  write_text(sheet, curve.title, {kFrame.x, kTextBase + 6});
  const cv::Mat names = legend_of(curve);
  names.copyTo(sheet(cv::Rect(kFrame.x - kGap, kFrame.y - names.rows - 6, names.cols, names.rows)));
  write_centered(sheet, curve.x_label, {kFrame.x + kFrame.width / 2, kFrame.br().y + 46});
  return sheet;
}

}  // namespace unet
