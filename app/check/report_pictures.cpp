#include "app/check/report_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/check/sample_picture.h"
#include "app/check/suspects.h"
#include "app/pages/picture_uri.h"
#include "app/pictures/contact_sheet.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTilesPerSheet = 48;
constexpr size_t kMaxSuspects = 4 * kTilesPerSheet;
constexpr size_t kMinOrdinary = 12;
constexpr size_t kMaxReasons = 3;
constexpr const char* kUnknownSwatch = "#ff00ff";

/// Number of ordinary images that fill the last sheet, at least two rows.
size_t ordinary_count(size_t suspects) {
  const size_t room = kTilesPerSheet - suspects % kTilesPerSheet;
  return room < kMinOrdinary ? room + kTilesPerSheet : room;
}

/// Lists what is to be drawn, without pictures.
ReportPictures selected_pictures(const DataReport& report) {
  ReportPictures result;
  const std::vector<Suspect> suspects = suspects_of(report);
  result.suspects = suspects.size();
  const size_t shown = std::min(suspects.size(), kMaxSuspects);
  for (size_t i = 0; i < shown; ++i)
    result.pictures.push_back({suspects[i].file, suspects[i].sample, suspects[i].reasons, {}, ""});
  for (const size_t index : ordinary_samples(report, suspects, ordinary_count(shown)))
    result.pictures.push_back({report.data.samples[index].text(), index, {}, {}, ""});
  for (ReportPicture& picture : result.pictures) {
    if (!picture.sample) continue;
    const cv::Size size = report.data.scan.sizes[*picture.sample];
    const char* part = kPartNames[report.data.part(*picture.sample)];
    picture.notes.push_back(size.empty() ? part : fmt::format("{}, {}x{}", part, size.width, size.height));
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> make_legend(const DataReport& report, const ClassStyle& style) {
  std::vector<std::pair<std::string, std::string>> legend;
  for (size_t c = 0; c < report.masks.classes.size(); ++c) {
    const std::string& name = report.masks.classes[c].name;
    if (static_cast<int64_t>(c) == style.untinted)
      legend.emplace_back(name + " (not tinted)", "#ffffff");
    else
      legend.emplace_back(name, style.colors.at(c));
  }
  if (report.masks.ignored > 0) legend.emplace_back("ignored (striped)", kStripeColor);
  const auto is_unknown = [](const Finding& finding) { return finding.kind == FindingKind::unknown_value; };
  if (std::any_of(report.data.problems.begin(), report.data.problems.end(), is_unknown))
    legend.emplace_back("outside the label map", kUnknownSwatch);
  return legend;
}

/// Captions of a sheet: the reasons, or the notes of an ordinary picture; what was changed to show it in both.
std::vector<std::string> sheet_lines(const ReportPicture& picture, const std::vector<std::string>& changes) {
  std::vector<std::string> lines = picture.reasons.empty() ? picture.notes : picture.reasons;
  if (lines.size() > kMaxReasons) lines.resize(kMaxReasons);
  lines.insert(lines.end(), changes.begin(), changes.end());
  return lines;
}

/// Draws a picture for its sheet, and for the page while `room` bytes are left.
ContactTile draw_picture(const DataReport& report, const ClassStyle& style, ReportPicture& picture, size_t& room) {
  const SamplePicture sample =
      picture.sample ? SamplePicture(report.data.samples[*picture.sample], style) : SamplePicture(picture.file);
  ContactTile tile{sample.draw(kContactTile, style), fs::path(picture.file).filename().string(),
                   sheet_lines(picture, sample.notes()), !picture.reasons.empty()};
  picture.notes.insert(picture.notes.end(), sample.notes().begin(), sample.notes().end());
  if (tile.picture.empty()) return tile;
  picture.uri = picture_uri(sample.draw(SamplePicture::kLargestPicture, style));
  if (picture.uri.size() > room) {
    picture.uri.clear();
    picture.notes.emplace_back("no room on this page, see the contact sheets");
  }
  room -= picture.uri.size();
  return tile;
}

std::string selection_text(const ReportPictures& result, size_t images) {
  const auto shown = static_cast<size_t>(std::count_if(result.pictures.begin(), result.pictures.end(),
                                                       [](const ReportPicture& p) { return !p.reasons.empty(); }));
  const size_t ordinary = result.pictures.size() - shown;
  const std::string others = fmt::format("{} of {} images, from each part", ordinary, images);
  if (result.suspects == 0) return "nothing suspicious; " + others;
  const std::string first = shown == result.suspects
                                ? fmt::format("{} suspicious images", result.suspects)
                                : fmt::format("the first {} of {} suspicious images", shown, result.suspects);
  return ordinary == 0 ? first : first + " (framed), then " + others;
}

}  // namespace

ReportPictures draw_report_pictures(const DataReport& report, const std::string& folder,
                                    const std::function<void(double)>& progress, size_t max_bytes) {
  const ClassStyle style = class_style(report);
  ReportPictures result = selected_pictures(report);
  result.legend = make_legend(report, style);
  std::vector<std::string> names, colors;
  for (const auto& [name, color] : result.legend) {
    names.push_back(name);
    colors.push_back(color);
  }
  const size_t count = result.pictures.size(), sheets = (count + kTilesPerSheet - 1) / kTilesPerSheet;
  size_t room = max_bytes;
  for (size_t sheet = 0; sheet < sheets; ++sheet) {
    std::vector<ContactTile> tiles;
    for (size_t i = sheet * kTilesPerSheet; i < std::min((sheet + 1) * kTilesPerSheet, count); ++i) {
      tiles.push_back(draw_picture(report, style, result.pictures[i], room));
      progress(static_cast<double>(i + 1) / static_cast<double>(count));
    }
    const std::vector<std::string> titles{fmt::format("{}, sheet {} of {}", report.data.options.dir, sheet + 1, sheets),
                                          selection_text(result, report.data.samples.size())};
    result.sheets.push_back((fs::path(folder) / fmt::format("contact-sheet-{}.png", sheet + 1)).string());
    write_image(result.sheets.back(), contact_sheet(titles, tiles, names, colors));
  }
  return result;
}

}  // namespace unet
