#include "app/check/report_page.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/check/facts.h"
#include "app/check/page_facts.h"
#include "app/check/page_findings.h"
#include "app/pages/page.h"
#include "app/pages/parts.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

/// Last part of the path of the data set.
std::string name_of_set(const DataReport& report) {
  const std::filesystem::path path = std::filesystem::path(report.data.options.dir).lexically_normal();
  const std::string name = path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
  return name.empty() || name == "." || name == ".." ? report.data.options.dir : name;
}

std::string summary_text(const DataReport& report) {
  const PartCounts images = images_by_part(report);
  std::vector<std::string> parts;
  for (size_t part = 0; part < kPartCount; ++part)
    if (images[part] > 0) parts.push_back(fmt::format("{} {}", images[part], kPartNames[part]));
  std::string text = counted(sum_of(images), "image");
  if (!parts.empty()) text += " (" + join(parts) + ")";
  const size_t classes = report.masks.classes.size();
  text += classes == 0 ? ", classes unknown" : ", " + counted(classes, "class", "classes");
  if (report.intensity.size() > 1) text += ", " + counted(report.intensity.size(), "channel");
  return text + ", " + (report.warnings.empty() ? "no warnings" : counted(report.warnings.size(), "warning")) + ".";
}

Html verdict_html(const DataReport& report, const std::vector<std::string>& next) {
  const size_t problems = report.data.problems.size();
  const std::string verdict =
      problems == 0 ? "Ready for training" : "Cannot be trained yet: " + counted(problems, "problem");
  Html content = element("p", verdict) + element("p", summary_text(report)) + problems_html(report);
  if (!next.empty())
    content += element("p", problems == 0 ? "Next:" : "Next, once these problems are fixed:") + command_lines(next);
  return element("div", {{"class", problems == 0 ? "verdict" : "verdict bad"}, {"id", "verdict"}}, content);
}

struct Chapter {
  std::string id, title;
  Html content;
};

}  // namespace

std::string to_page(const DataReport& report, const nlohmann::json& document, const ReportPictures& pictures,
                    const std::vector<std::string>& next) {
  const std::string name = name_of_set(report);
  const std::vector<Chapter> chapters{{"decisions", "Decided from the data", decisions_html(report)},
                                      {"classes", "Classes", classes_html(report)},
                                      {"images", "Images", images_html(report)},
                                      {"suggested", "Suggested options", suggestions_html(report)},
                                      {"more", "Further facts", more_facts_html(document)},
                                      {"findings", "Findings", findings_html(report, pictures)},
                                      {"pictures", "Pictures", pictures_html(report, pictures)}};
  Html sections;
  std::vector<std::pair<std::string, std::string>> links;
  for (const Chapter& each : chapters) {
    if (each.content.empty()) continue;
    links.emplace_back(each.id, each.title);
    sections += chapter(each.id, each.title, each.content);
  }
  const Html head = element("header", element("h1", name) + element("p", {{"class", "pale"}}, report.data.options.dir));
  const Html foot = element("footer", "Written by unet check-data. report.json beside this page has complete lists.");
  return html_page(name + " - data set check",
                   head + element("main", verdict_html(report, next) + contents(links) + sections) + foot);
}

}  // namespace unet
