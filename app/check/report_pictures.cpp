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
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTilesOfASheet = 48;
constexpr size_t kMostSuspects = 4 * kTilesOfASheet;
constexpr size_t kFewestOrdinary = 12;
constexpr size_t kMostReasons = 3;
constexpr const char* kIgnoredColor = "#919191";  // a stripe's mean
const cv::Scalar kUnknown(255, 0, 255);
constexpr const char* kUnknownColor = "#ff00ff";

/// How classes are shown on all sheets of a set.
struct ClassLook {
  std::optional<LabelMap> labels;  ///< nothing where they are not known
  std::vector<std::string> colors;
  int64_t ground = 0;  ///< the class that is left as it is
};

/// Class 0 is the ground, or the class that covers more than two thirds of all: tint where there is little of it.
ClassLook class_look(const DataReport& report) {
  const DataOptions& options = report.data.options;
  ClassLook look;
  if (options.labels.empty()) return look;
  look.labels.emplace(options.labels, options.ignore_values);
  look.colors = options.class_colors;
  for (size_t c = 1; c < report.masks.classes.size(); ++c)
    if (3 * sum_of(report.masks.classes[c].pixels) > 2 * sum_of(report.masks.labelled))
      look.ground = static_cast<int64_t>(c);
  // Black, the usual colour of class 0, cannot be seen as a tint.
  if (look.colors == default_class_colors(look.labels->num_classes()))
    std::swap(look.colors[0], look.colors[static_cast<size_t>(look.ground)]);
  return look;
}

/// What `read` gives, or nothing where the file cannot be read.
template <class Read>
cv::Mat readable(Read&& read) {
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

cv::Mat without_mask(const cv::Mat& image) {
  if (image.empty()) return {};
  cv::Mat bytes = image;
  if (image.channels() == 1) cv::normalize(image, bytes, 0, 255, cv::NORM_MINMAX, CV_8U);  // may be class indices
  return scaled(viewable(bytes), tile_size(image.size(), kContactTile), cv::INTER_LINEAR);
}

/// Drawn at the tile's size, so that outlines and stripes are as wide for every size of image.
cv::Mat with_mask(const cv::Mat& image, const cv::Mat& values, const ClassLook& look) {
  const cv::Size size = tile_size(image.size(), kContactTile);
  const cv::Mat small_values = resized_mask(values, size);
  ValueCounts unknown;
  const cv::Mat classes = look.labels->to_classes(small_values, unknown);
  cv::Mat picture =
      overlaid(brightened(scaled(viewable(image), size, cv::INTER_LINEAR)), classes, look.colors, look.ground);
  stripe(picture, classes == static_cast<double>(kIgnoreLabel));
  for (const auto& [value, count] : unknown) picture.setTo(kUnknown, small_values == static_cast<double>(value));
  return picture;
}

cv::Mat picture_of(const Pair& pair, const ClassLook& look) {
  const cv::Mat image = readable([&] { return read_image(pair.image); });
  const cv::Mat values = readable([&] { return read_mask_values(pair.mask); });
  if (image.empty()) return without_mask(values);
  const bool fits = look.labels && image.size() == values.size();
  return fits ? with_mask(image, values, look) : without_mask(image);
}

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

ContactTile tile_of(const DataReport& report, const Suspect& suspect, const ClassLook& look) {
  ContactTile tile;
  tile.suspicious = true;
  tile.name = file_name(suspect.file);
  tile.lines = suspect.reasons;
  if (tile.lines.size() > kMostReasons) tile.lines.resize(kMostReasons);
  tile.picture = suspect.pair ? picture_of(report.data.pairs[*suspect.pair], look)
                              : without_mask(readable([&] { return read_image(suspect.file); }));
  return tile;
}

ContactTile tile_of(const DataReport& report, size_t pair, const ClassLook& look) {
  const cv::Size size = report.data.scan.sizes[pair];
  return {picture_of(report.data.pairs[pair], look),
          file_name(report.data.pairs[pair].image),
          {fmt::format("{}, {}x{}", kPartNames[report.data.parts[pair]], size.width, size.height)},
          false};
}

/// What fills up the last sheet, at least two rows.
size_t ordinary_count(size_t suspects) {
  const size_t room = kTilesOfASheet - suspects % kTilesOfASheet;
  return room < kFewestOrdinary ? room + kTilesOfASheet : room;
}

struct Legend {
  std::vector<std::string> names, colors;
  void add(const std::string& name, const std::string& color) {
    names.push_back(name);
    colors.push_back(color);
  }
};

Legend legend_of(const DataReport& report, const ClassLook& look) {
  Legend legend;
  for (size_t c = 0; c < report.masks.classes.size(); ++c) {
    const std::string& name = report.masks.classes[c].name;
    const bool is_ground = static_cast<int64_t>(c) == look.ground;
    legend.add(is_ground ? name + " (left as it is)" : name, is_ground ? "#ffffff" : look.colors.at(c));
  }
  if (report.masks.ignored > 0) legend.add("ignored (striped)", kIgnoredColor);
  const auto is_unknown = [](const Finding& finding) { return finding.kind == FindingKind::unknown_value; };
  if (std::any_of(report.problems.begin(), report.problems.end(), is_unknown))
    legend.add("outside the label map", kUnknownColor);
  return legend;
}

std::string selection_text(size_t shown, size_t suspects, size_t ordinary, size_t images) {
  const std::string others = fmt::format("{} of {} images, spread over the set", ordinary, images);
  if (suspects == 0) return "nothing suspicious; " + others;
  const std::string first = shown == suspects ? fmt::format("{} suspicious ones", suspects)
                                              : fmt::format("the first {} of {} suspicious ones", shown, suspects);
  return ordinary == 0 ? first : first + " (framed), then " + others;
}

}  // namespace

std::vector<std::string> write_contact_sheets(const DataReport& report, const std::string& folder,
                                              const std::function<void(double)>& progress) {
  const ClassLook look = class_look(report);
  const std::vector<Suspect> suspects = suspects_of(report);
  const size_t shown = std::min(suspects.size(), kMostSuspects);
  const std::vector<size_t> ordinary = ordinary_pairs(report, suspects, ordinary_count(shown));
  const size_t count = shown + ordinary.size(), sheets = (count + kTilesOfASheet - 1) / kTilesOfASheet;
  const Legend legend = legend_of(report, look);

  std::vector<std::string> paths;
  for (size_t sheet = 0; sheet < sheets; ++sheet) {
    std::vector<ContactTile> tiles;
    for (size_t i = sheet * kTilesOfASheet; i < std::min((sheet + 1) * kTilesOfASheet, count); ++i) {
      tiles.push_back(i < shown ? tile_of(report, suspects[i], look) : tile_of(report, ordinary[i - shown], look));
      progress(static_cast<double>(i + 1) / static_cast<double>(count));
    }
    const std::vector<std::string> titles{
        fmt::format("{}, sheet {} of {}; dark images are shown brighter", report.data.options.dir, sheet + 1, sheets),
        selection_text(shown, suspects.size(), ordinary.size(), report.data.pairs.size())};
    paths.push_back((fs::path(folder) / fmt::format("contact-sheet-{}.png", sheet + 1)).string());
    write_image(paths.back(), contact_sheet(titles, tiles, legend.names, legend.colors));
  }
  return paths;
}

}  // namespace unet
