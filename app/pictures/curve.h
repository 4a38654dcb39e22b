#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace unet {

/// One series of values.
struct CurveSeries {
  std::string name;       ///< name in the legend
  std::string color;      ///< "#rrggbb"
  std::vector<double> y;  ///< one per x
  bool as_dots = false;   ///< drawn as dots instead of a line
};

/// Plot of values over a positive quantity, with a logarithmic x axis.
struct Curve {
  std::string title;
  std::string x_label;
  std::vector<double> x;            ///< increasing, above 0
  std::vector<CurveSeries> series;  ///< later ones are drawn over earlier ones
  std::optional<double> y_high;     ///< top of the frame; higher values are clipped
  std::optional<double> marked_x;   ///< position of a vertical line
  std::string mark;                 ///< label of that line
};

/// Draws a curve. RGB, 8 bits, 960 x 600 pixels.
cv::Mat draw_curve(const Curve& curve);

/// Returns about `count` ticks within [low, high], spaced by 1, 2 or 5 times a power of ten.
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace unet
