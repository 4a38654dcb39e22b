#include "app/check/page_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>

#include "app/check/facts.h"
#include "app/pages/parts.h"
#include "configs/schema/text.h"
#include "data/dataset/finding_groups.h"

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

using SameKind = std::vector<const Finding*>;

/// Findings of one kind each; they are sorted by kind.
std::vector<SameKind> by_kind(const std::vector<Finding>& findings) {
  std::vector<SameKind> kinds;
  for (const Finding& finding : findings) {
    if (kinds.empty() || kinds.back()[0]->kind != finding.kind) kinds.emplace_back();
    kinds.back().push_back(&finding);
  }
  return kinds;
}

/// The cause of a group, mostly the remedy, and its examples.
Html cause_html(const FindingGroup& group, bool is_only) {
  Html result;
  if (!group.cause.empty()) result += message((is_only ? "" : fmt::format("{} times: ", group.count)) + group.cause);
  std::vector<Html> items;
  for (const std::string& example : group.examples) items.push_back(message(example));
  if (group.count > group.examples.size() && !items.empty())
    items.push_back(fmt::format("and {} more", group.count - group.examples.size()));
  return result + folded_list(items, items.size());
}

/// The causes of the findings of one kind.
Html causes_html(const std::vector<FindingGroup>& groups, FindingKind kind) {
  constexpr size_t kMaxCauses = 10;
  const auto is_kind = [&](const FindingGroup& group) { return group.kind == kind; };
  const auto count = static_cast<size_t>(std::count_if(groups.begin(), groups.end(), is_kind));
  Html result;
  size_t shown = 0;
  for (const FindingGroup& group : groups)
    if (is_kind(group) && shown++ < kMaxCauses) result += cause_html(group, count == 1);
  if (count > kMaxCauses) result += element("p", {{"class", "pale"}}, counted(count - kMaxCauses, "more cause"));
  return result;
}

Figure figure_of(const DataReport& report, const ReportPicture& picture) {
  const std::string path = without_folder(picture.file, report);
  const std::string name = std::filesystem::path(path).filename().string();
  Html caption = element("strong", {{"title", path}}, name);
  for (const std::string& reason : picture.reasons) caption += element("span", {{"class", "reason"}}, reason);
  for (const std::string& note : picture.notes) caption += element("small", note);
  return {picture.uri, path + " with its mask outlined", caption, !picture.reasons.empty()};
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
Html examples_html(const DataReport& report, const SameKind& group, const PictureIndex& index) {
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

/// All texts of the findings of a kind, folded away, where the causes do not show all.
Html all_texts_html(const DataReport& report, const SameKind& kind) {
  constexpr size_t kMaxListed = 200;
  if (kind.size() <= kFindingExamples) return {};
  std::vector<Html> items;
  for (size_t i = 0; i < std::min(kMaxListed, kind.size()); ++i)
    items.push_back(message(without_folder(kind[i]->text, report)));
  if (kind.size() > kMaxListed) items.push_back(fmt::format("and {} more, in report.json", kind.size() - kMaxListed));
  return element("details", element("summary", fmt::format("All {}", kind.size())) + folded_list(items, items.size()));
}

Html kind_html(const DataReport& report, const SameKind& kind, const std::vector<FindingGroup>& groups,
               const std::string& severity, const PictureIndex& index) {
  const Html title = element("span", {{"class", "tag " + severity}}, severity) + title_of(kind[0]->kind) + " " +
                     element("span", {{"class", "count"}}, std::to_string(kind.size()));
  return element("h3", title) + causes_html(groups, kind[0]->kind) + all_texts_html(report, kind) +
         examples_html(report, kind, index);
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
  const std::vector<FindingGroup> groups = group_findings(report.data.problems, report.data.options.dir);
  std::vector<Html> items;
  for (const SameKind& kind : by_kind(report.data.problems))
    items.push_back(element("strong", fmt::format("{}: {}", title_of(kind[0]->kind), kind.size())) +
                    causes_html(groups, kind[0]->kind));
  return folded_list(items, items.size());
}

Html findings_html(const DataReport& report, const ReportPictures& pictures) {
  const PictureIndex index = index_of(pictures);
  Html result;
  const std::pair<const char*, const std::vector<Finding>*> lists[] = {
      {"problem", &report.data.problems}, {"warning", &report.warnings}, {"note", &report.data.notes}};
  for (const auto& [severity, findings] : lists) {
    const std::vector<FindingGroup> groups = group_findings(*findings, report.data.options.dir);
    for (const SameKind& kind : by_kind(*findings)) result += kind_html(report, kind, groups, severity, index);
  }
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
