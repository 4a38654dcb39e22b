#include "app/check/report_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/imgproc.hpp>

#include "app/check/suspects.h"
#include "app/pictures/contact_sheet.h"
#include "app/pictures/drawing.h"
#include "app/pictures/palette.h"
#include "configs/schema/error.h"
#include "data/dataset/class_colors.h"
#include "data/dataset/label_map.h"
#include "data/dataset/read_sample.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTilesPerSheet = 48;
constexpr size_t kMaxSuspects = 4 * kTilesPerSheet;
constexpr size_t kMinOrdinary = 12;
constexpr size_t kMaxReasons = 3;
constexpr const char* kIgnoredColor = "#919191";  // mean color of the stripes
const cv::Scalar kUnknown(255, 0, 255);
constexpr const char* kUnknownColor = "#ff00ff";

/// How classes are drawn on all sheets of a data set.
struct ClassStyle {
  std::optional<LabelMap> labels;  ///< empty if unknown
  std::vector<std::string> colors;
  int64_t untinted = 0;  ///< the class that is drawn without a tint
};

/// Leaves class 0 untinted, or the class that covers more than two thirds of all pixels.
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

/// Calls `read`; returns an empty image if the file cannot be read.
template <class Read>
cv::Mat read_or_empty(Read&& read) {
  try {
    return read();
  } catch (const Error&) {
    return {};
  }
}

cv::Mat resized_mask(const cv::Mat& mask, cv::Size size) {
  cv::Mat result;
  cv::resize(mask, result, size, 0, 0, cv::INTER_NEAREST);
  return result;
}

cv::Mat draw_image(const cv::Mat& image) {
  if (image.empty()) return {};
  cv::Mat bytes = image;
  if (image.channels() == 1) cv::normalize(image, bytes, 0, 255, cv::NORM_MINMAX, CV_8U);  // may be class indices
  return scaled(viewable(bytes), tile_size(image.size(), kContactTile), cv::INTER_LINEAR);
}

/// Draws at the tile's size, so that outlines and stripes have the same width for every image.
cv::Mat draw_overlay(const cv::Mat& image, const cv::Mat& values, const ClassStyle& style) {
  const cv::Size size = tile_size(image.size(), kContactTile);
  const cv::Mat small_values = resized_mask(values, size);
  ValueCounts unknown;
  const cv::Mat classes = style.labels->to_classes(small_values, unknown);
  cv::Mat is_unknown(small_values.size(), CV_8UC1, cv::Scalar(0));
  for_each_value(small_values, [&](int y, int x, int64_t value) {
    if (unknown.count(value) != 0) is_unknown.at<uint8_t>(y, x) = 255;
  });
  cv::Mat picture =
      overlaid(brightened(scaled(viewable(image), size, cv::INTER_LINEAR)), classes, style.colors, style.untinted);
  stripe(picture, classes == static_cast<double>(kIgnoreLabel));
  picture.setTo(kUnknown, is_unknown);
  return picture;
}

cv::Mat draw_sample(const SampleRef& sample, const ClassStyle& style) {
  const cv::Mat image = read_or_empty([&] { return read_image(sample.image).pixels; });
  const cv::Mat values = read_or_empty([&] { return read_labels(sample, image.size()).values; });
  if (image.empty()) return draw_image(values);
  const bool fits = style.labels && image.size() == values.size();
  return fits ? draw_overlay(image, values, style) : draw_image(image);
}

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

ContactTile make_tile(const DataReport& report, const Suspect& suspect, const ClassStyle& style) {
  ContactTile tile;
  tile.suspicious = true;
  tile.name = file_name(suspect.file);
  tile.lines = suspect.reasons;
  if (tile.lines.size() > kMaxReasons) tile.lines.resize(kMaxReasons);
  tile.picture = suspect.sample ? draw_sample(report.data.samples[*suspect.sample], style)
                                : draw_image(read_or_empty([&] { return read_image(suspect.file).pixels; }));
  return tile;
}

ContactTile make_tile(const DataReport& report, size_t index, const ClassStyle& style) {
  const SampleRef& sample = report.data.samples[index];
  const cv::Size size = report.data.scan.sizes[index];
  return {draw_sample(sample, style),
          file_name(sample.text()),
          {fmt::format("{}, {}x{}", kPartNames[report.data.part(index)], size.width, size.height)},
          false};
}

/// Number of ordinary images that fill the last sheet, at least two rows.
size_t ordinary_count(size_t suspects) {
  const size_t room = kTilesPerSheet - suspects % kTilesPerSheet;
  return room < kMinOrdinary ? room + kTilesPerSheet : room;
}

struct Legend {
  std::vector<std::string> names, colors;
  void add(const std::string& name, const std::string& color) {
    names.push_back(name);
    colors.push_back(color);
  }
};

Legend make_legend(const DataReport& report, const ClassStyle& style) {
  Legend legend;
  for (size_t c = 0; c < report.masks.classes.size(); ++c) {
    const std::string& name = report.masks.classes[c].name;
    const bool is_untinted = static_cast<int64_t>(c) == style.untinted;
    legend.add(is_untinted ? name + " (not tinted)" : name, is_untinted ? "#ffffff" : style.colors.at(c));
  }
  if (report.masks.ignored > 0) legend.add("ignored (striped)", kIgnoredColor);
  const auto is_unknown = [](const Finding& finding) { return finding.kind == FindingKind::unknown_value; };
  if (std::any_of(report.data.problems.begin(), report.data.problems.end(), is_unknown))
    legend.add("outside the label map", kUnknownColor);
  return legend;
}

std::string selection_text(size_t shown, size_t suspects, size_t ordinary, size_t images) {
  const std::string others = fmt::format("{} of {} images, spread over the data set", ordinary, images);
  if (suspects == 0) return "nothing suspicious; " + others;
  const std::string first = shown == suspects ? fmt::format("{} suspicious images", suspects)
                                              : fmt::format("the first {} of {} suspicious images", shown, suspects);
  return ordinary == 0 ? first : first + " (framed), then " + others;
}

}  // namespace

std::vector<std::string> write_contact_sheets(const DataReport& report, const std::string& folder,
                                              const std::function<void(double)>& progress) {
  const ClassStyle style = class_style(report);
  const std::vector<Suspect> suspects = suspects_of(report);
  const size_t shown = std::min(suspects.size(), kMaxSuspects);
  const std::vector<size_t> ordinary = ordinary_samples(report, suspects, ordinary_count(shown));
  const size_t count = shown + ordinary.size(), sheets = (count + kTilesPerSheet - 1) / kTilesPerSheet;
  const Legend legend = make_legend(report, style);

  std::vector<std::string> paths;
  for (size_t sheet = 0; sheet < sheets; ++sheet) {
    std::vector<ContactTile> tiles;
    for (size_t i = sheet * kTilesPerSheet; i < std::min((sheet + 1) * kTilesPerSheet, count); ++i) {
      tiles.push_back(i < shown ? make_tile(report, suspects[i], style)
                                : make_tile(report, ordinary[i - shown], style));
      progress(static_cast<double>(i + 1) / static_cast<double>(count));
    }
    const std::vector<std::string> titles{
        fmt::format("{}, sheet {} of {}; dark images are shown brighter", report.data.options.dir, sheet + 1, sheets),
        selection_text(shown, suspects.size(), ordinary.size(), report.data.samples.size())};
    paths.push_back((fs::path(folder) / fmt::format("contact-sheet-{}.png", sheet + 1)).string());
    write_image(paths.back(), contact_sheet(titles, tiles, legend.names, legend.colors));
  }
  return paths;
}

}  // namespace unet
