// The upsampling report as text, as JSON and as a picture.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "app/inspection/upsampling_report.h"
#include "app/pictures/drawing.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

std::string factor_text(const PerAxis& factor) {
  return factor[0] == factor[1] ? std::to_string(factor[0]) : concat(factor[0], "x", factor[1]);
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

/// Largest deviation; 0 if it is no more than rounding.
double largest_deviation(const cv::Mat& pattern) {
  const double largest = cv::norm(pattern, cv::NORM_INF);
  return largest < 1e-5 ? 0 : largest;
}

/// Gray picture, scaled so that the largest deviation from the mean is black or white.
cv::Mat gray_picture(const cv::Mat& pattern) {
  const double largest = largest_deviation(pattern);
  cv::Mat bytes, picture;
  pattern.convertTo(bytes, CV_8UC1, largest > 0 ? 127 / largest : 0, 128);
  cv::cvtColor(bytes, picture, cv::COLOR_GRAY2RGB);
  return picture;
}

}  // namespace

std::string to_table(const UpsamplingReport& report) {
  std::string text = fmt::format("{}\n\nupsampling: {}\n\n", report.subject, report.settings);
  for (const Overlap& overlap : report.overlaps) {
    text += fmt::format("input pixels that reach each output pixel, factor {}: {}\n", factor_text(overlap.factor),
                        overlap.is_even ? "even" : "uneven, which favors checkerboard artifacts");
    for (const auto& row : overlap.reached) {
      text += "  ";
      for (const int64_t count : row) text += fmt::format("{:4}", count);
      text += "\n";
    }
  }
  const auto line = [](const std::string& name, const std::string& factor, const std::vector<std::string>& columns) {
    std::string text = fmt::format("{:<22} {:>7}", name, factor);
    for (const std::string& column : columns) text += fmt::format(" {:>11}", column);
    return text + "\n";
  };
  const auto row = [&](const UpsamplingStep& step) {
    std::vector<std::string> columns;
    for (const ConstantResponse& response : step.responses) columns.push_back(percent(response.amplitude));
    return line(step.name, factor_text(step.factor), columns);
  };
  text += "\nresponse to a constant input: share of the result that is a pattern (0 %: none)\n";
  text += line("step", "factor", report.states);
  for (const UpsamplingStep& step : report.steps) text += row(step);
  return text + row(report.decoder);
}

nlohmann::json to_json(const UpsamplingReport& report) {
  const auto step_json = [&](const UpsamplingStep& step) {
    nlohmann::json json{{"name", step.name}, {"factor", step.factor}};
    for (size_t i = 0; i < report.states.size(); ++i) json["amplitude"][report.states[i]] = step.responses[i].amplitude;
    return json;
  };
  nlohmann::json json{{"subject", report.subject},
                      {"upsampling", report.settings},
                      {"overlaps", nlohmann::json::array()},
                      {"steps", nlohmann::json::array()},
                      {"decoder", step_json(report.decoder)}};
  for (const Overlap& overlap : report.overlaps)
    json["overlaps"].push_back({{"factor", overlap.factor}, {"reached", overlap.reached}, {"even", overlap.is_even}});
  for (const UpsamplingStep& step : report.steps) json["steps"].push_back(step_json(step));
  return json;
}

cv::Mat to_picture(const UpsamplingReport& report) {
  constexpr int kTile = 160, kLabel = 210;
  constexpr const char* kTitle = "Response to a constant input";
  constexpr const char* kNote =
      "Uniform gray: no pattern. Black to white: the range in brackets, in percent of the whole.";
  const int columns = static_cast<int>(report.states.size());
  int width = kGap + kLabel + columns * (kTile + kGap);
  for (const std::string& line : {std::string(kTitle), std::string(kNote), report.settings})
    width = std::max(width, text_width(line) + 2 * kGap);
  std::vector<cv::Mat> strips;
  const auto add_line = [&](const std::string& text) {
    cv::Mat strip(kLine, width, CV_8UC3, kPaper);
    write_text(strip, shortened(text, width - 2 * kGap), {kGap, kTextBase});
    strips.push_back(strip);
  };
  add_line(kTitle);
  add_line(report.settings);
  cv::Mat head(kLine, width, CV_8UC3, kPaper);
  for (int i = 0; i < columns; ++i)
    write_text(head, report.states[static_cast<size_t>(i)], {kGap + kLabel + i * (kTile + kGap), kTextBase});
  strips.push_back(head);
  const auto add_step = [&](const UpsamplingStep& step) {
    cv::Mat strip(kTile + kGap, width, CV_8UC3, kPaper);
    write_text(strip, step.name, {kGap, kTextBase});
    write_text(strip, "factor " + factor_text(step.factor), {kGap, kLine + kTextBase});
    for (int i = 0; i < columns; ++i) {
      const ConstantResponse& response = step.responses[static_cast<size_t>(i)];
      const std::string range = fmt::format("{}: {} (+-{:.0f})", report.states[static_cast<size_t>(i)],
                                            percent(response.amplitude), 100 * largest_deviation(response.pattern));
      write_text(strip, range, {kGap, (2 + i) * kLine + kTextBase});
      const cv::Rect place(kGap + kLabel + i * (kTile + kGap), 0, kTile, kTile);
      scaled(gray_picture(response.pattern), place.size(), cv::INTER_NEAREST).copyTo(strip(place));
    }
    strips.push_back(strip);
  };
  for (const UpsamplingStep& step : report.steps) add_step(step);
  add_step(report.decoder);
  add_line(kNote);
  cv::Mat picture;
  cv::vconcat(strips, picture);
  return picture;
}

}  // namespace unet
