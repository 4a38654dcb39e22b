#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace unet {

/// One row of values of a curve.
struct CurveSeries {
  std::string name;       ///< in the legend
  std::string color;      ///< "#rrggbb"
  std::vector<double> y;  ///< one for each x
  bool as_dots = false;   ///< else a line
};

/// Values over a positive number, drawn with a logarithmic x axis.
struct Curve {
  std::string title;
  std::string x_label;
  std::vector<double> x;            ///< rising, above 0
  std::vector<CurveSeries> series;  ///< the later ones over the earlier ones
  std::optional<double> y_high;     ///< higher values lie above the frame; nothing: there are none
  std::optional<double> marked_x;   ///< where a line stands
  std::string mark;                 ///< what is written beside it
};

/// RGB, 8 bits, 960 x 600 pixels.
cv::Mat draw_curve(const Curve& curve);

/// Round numbers (1, 2 or 5 times a power of ten) apart from each other, within [low, high], about `count` of them.
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace unet
