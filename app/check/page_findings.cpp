#include "app/check/page_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "app/check/facts.h"
#include "app/pages/parts.h"

namespace unet {
namespace {

constexpr size_t kExamples = 3;

/// Shortens the paths in a text by the folder of the data set, which the page names once.
std::string without_folder(std::string text, const DataReport& report) {
  std::string folder = report.data.options.dir;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  if (folder.empty() || folder == "/") return text;
  folder += '/';
  for (size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at))
    text.erase(at, folder.size());
  return text;
}

using FindingGroup = std::vector<const Finding*>;

/// Findings of one kind each; they are sorted by kind.
std::vector<FindingGroup> groups_of(const std::vector<Finding>& findings) {
  std::vector<FindingGroup> groups;
  for (const Finding& finding : findings) {
    if (groups.empty() || groups.back()[0]->kind != finding.kind) groups.emplace_back();
    groups.back().push_back(&finding);
  }
  return groups;
}

Figure figure_of(const DataReport& report, const ReportPicture& picture) {
  const std::string name = without_folder(picture.file, report);
  Html caption = element("strong", name);
  for (const std::string& reason : picture.reasons) caption += element("span", {{"class", "reason"}}, reason);
  for (const std::string& note : picture.notes) caption += element("small", note);
  return {picture.uri, name + " with its mask outlined", caption, !picture.reasons.empty()};
}

/// Pictures by the file that they show.
using PictureIndex = std::map<std::string, const ReportPicture*>;

PictureIndex index_of(const ReportPictures& pictures) {
  PictureIndex index;
  for (const ReportPicture& picture : pictures.pictures)
    if (!picture.uri.empty()) index.emplace(picture.file, &picture);
  return index;
}

/// The first findings that have a picture; of equal images, both.
Html examples_html(const DataReport& report, const FindingGroup& group, const PictureIndex& index) {
  std::vector<Figure> figures;
  const auto add = [&](const std::string& file) {
    const auto entry = index.find(file);
    if (entry != index.end()) figures.push_back(figure_of(report, *entry->second));
  };
  for (size_t i = 0; i < group.size() && figures.size() < kExamples; ++i) {
    add(group[i]->sample ? report.data.samples[*group[i]->sample].text() : group[i]->file);
    if (group[i]->twin) add(report.data.samples[*group[i]->twin].text());
  }
  return figures.empty() ? Html() : gallery(figures);
}

Html group_html(const DataReport& report, const FindingGroup& group, const std::string& severity,
                const PictureIndex& index) {
  constexpr size_t kMaxListed = 200;
  std::vector<Html> items;
  for (size_t i = 0; i < std::min(kMaxListed, group.size()); ++i)
    items.push_back(message(without_folder(group[i]->text, report)));
  if (group.size() > kMaxListed) items.push_back(fmt::format("and {} more, in report.json", group.size() - kMaxListed));
  const Html title = element("span", {{"class", "tag " + severity}}, severity) + title_of(group[0]->kind) + " " +
                     element("span", {{"class", "count"}}, std::to_string(group.size()));
  return element("h3", title) + folded_list(items, kExamples) + examples_html(report, group, index);
}

Html legend_html(const ReportPictures& pictures) {
  Html items;
  for (const auto& [name, color] : pictures.legend) items += element("li", swatch(color) + name);
  return items.empty() ? Html() : element("ul", {{"class", "legend"}}, items);
}

/// The pictures that `is_chosen` chooses, under a title with their number.
Html picture_group(const DataReport& report, const ReportPictures& pictures, const std::string& title,
                   const std::function<bool(const ReportPicture&)>& is_chosen) {
  std::vector<Figure> figures;
  for (const ReportPicture& picture : pictures.pictures)
    if (is_chosen(picture)) figures.push_back(figure_of(report, picture));
  return figures.empty() ? Html() : element("h3", title) + gallery(figures);
}

}  // namespace

Html problems_html(const DataReport& report) {
  std::vector<Html> items;
  for (const FindingGroup& group : groups_of(report.data.problems))
    items.push_back(element("strong", fmt::format("{}: {}", title_of(group[0]->kind), group.size())) +
                    message(without_folder(group[0]->text, report)));
  return folded_list(items, items.size());
}

Html findings_html(const DataReport& report, const ReportPictures& pictures) {
  const PictureIndex index = index_of(pictures);
  Html result;
  const std::pair<const char*, const std::vector<Finding>*> lists[] = {
      {"problem", &report.data.problems}, {"warning", &report.warnings}, {"note", &report.data.notes}};
  for (const auto& [severity, findings] : lists)
    for (const FindingGroup& group : groups_of(*findings)) result += group_html(report, group, severity, index);
  return result;
}

Html pictures_html(const DataReport& report, const ReportPictures& pictures) {
  if (pictures.pictures.empty()) return {};
  Html result =
      legend_html(pictures) + element("p", {{"class", "pale"}},
                                      "Masks are outlined and tinted in the colors of their classes. Where the "
                                      "contrast was stretched, the caption has the range of values shown.");
  const auto shown =
      static_cast<size_t>(std::count_if(pictures.pictures.begin(), pictures.pictures.end(),
                                        [](const ReportPicture& each) { return !each.reasons.empty(); }));
  const std::string suspicious = shown == pictures.suspects
                                     ? fmt::format("Suspicious: {}", shown)
                                     : fmt::format("Suspicious: the first {} of {}", shown, pictures.suspects);
  result += picture_group(report, pictures, suspicious,
                          [](const ReportPicture& picture) { return !picture.reasons.empty(); });
  const PartCounts usable = usable_by_part(report);
  constexpr const char* kTitles[] = {"Training images", "Validation images", "Test images"};
  static_assert(std::size(kTitles) == kPartCount);
  for (size_t part = 0; part < kPartCount; ++part)
    result += picture_group(report, pictures, fmt::format("{}: a sample of {}", kTitles[part], usable[part]),
                            [&](const ReportPicture& picture) {
                              return picture.reasons.empty() && report.data.part(picture.sample.value()) == part;
                            });
  return result;
}

}  // namespace unet
