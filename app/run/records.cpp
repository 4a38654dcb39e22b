#include "app/run/records.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "configs/schema/text.h"
#include "data/files/atomic_file.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

/// Content of a file; "" if it does not exist.
std::string text_or_empty(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? read_file(path.string()) : "";
}

double run_seconds_of(const nlohmann::json& record) {
  const bool has = record.is_object() && record.contains("run_seconds") && record["run_seconds"].is_number();
  return has ? record["run_seconds"].get<double>() : 0;
}

}  // namespace

nlohmann::json recorded_starts(const std::string& path) {
  const auto document = nlohmann::json::parse(text_or_empty(path), nullptr, /*allow_exceptions=*/false);
  const bool has_starts = document.is_object() && document.contains("starts") && document["starts"].is_array();
  return has_starts ? document["starts"] : nlohmann::json::array();
}

double recorded_run_seconds(const RunFolder& run) {
  double longest = 0;
  for (const auto& start : recorded_starts(run.file("environment.json").string()))
    longest = std::max(longest, run_seconds_of(start));
  for (const std::string& line : text_lines(text_or_empty(run.file("metrics.jsonl"))))
    longest = std::max(longest, run_seconds_of(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false)));
  return longest;
}

void truncate_metrics(const std::string& path, int64_t last_step, bool validation_due, bool is_compared) {
  if (!std::filesystem::exists(path)) return;
  std::string kept;
  for (const std::string& line : text_lines(read_file(path))) {
    const auto record = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!record.is_object()) continue;
    const int64_t step = record.value("step", last_step + 1);
    const std::string type = record.value("type", "");
    const bool is_redone = (validation_due && type == "validation") || (!is_compared && type == "comparison");
    const bool is_due = step == last_step && is_redone;
    if (step <= last_step && !is_due) kept += line + "\n";
  }
  write_file(path, kept);
}

std::string saved_line(int64_t step) { return "saved the checkpoint of step " + std::to_string(step); }

void truncate_log(const std::string& path, int64_t last_step) {
  if (!std::filesystem::exists(path)) return;
  static const std::regex saved(R"(.* debug saved the checkpoint of step (\d{1,18}))");
  static const std::regex is_important(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (warning|error) .*)");
  const auto lines = text_lines(read_file(path));
  size_t end = 0;
  std::smatch match;
  for (size_t i = 0; i < lines.size(); ++i)
    if (std::regex_match(lines[i], match, saved) && std::stoll(match[1]) <= last_step) end = i + 1;
  std::string kept;
  for (size_t i = 0; i < lines.size(); ++i)
    if (i < end || std::regex_match(lines[i], is_important)) kept += lines[i] + "\n";
  write_file(path, kept);
}

}  // namespace unet
