#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/file_text.h"

namespace unet {

/// Returns the steps and validations that a run recorded, as JSON texts without times.
inline std::vector<std::string> metrics_without_times(const std::string& run) {
  std::vector<std::string> lines;
  std::istringstream stream(file_text(run + "/metrics.jsonl"));
  for (std::string line; std::getline(stream, line);) {
    auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return {"no JSON: " + line};
    if (json["type"] != "step" && json["type"] != "validation") continue;
    for (const char* key :
         {"seconds", "train_seconds", "validation_seconds", "run_seconds", "images_per_second", "waiting_share"})
      json.erase(key);
    lines.push_back(json.dump());
  }
  return lines;
}

/// Returns the last step that a run recorded in a complete line; 0 if there is none.
inline int64_t recorded_step(const std::string& run) {
  int64_t step = 0;
  std::istringstream stream(file_text(run + "/metrics.jsonl"));
  for (std::string line; std::getline(stream, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("step")) step = json["step"];
  }
  return step;
}

/// Returns the contents of all files below a folder by relative path.
inline std::map<std::string, std::string> files_below(const std::string& folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[std::filesystem::relative(entry.path(), folder).string()] = file_text(entry.path().string());
  return files;
}

/// Returns the names of partially written files below a run's folder.
inline std::string stale_files(const std::string& run) {
  std::string names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run))
    if (entry.path().filename().string().rfind(".tmp", 0) == 0) names += entry.path().string() + " ";
  return names;
}

/// Describes the first difference between the checkpoints, metrics (without times) and pictures of two runs; "" if
/// there is none.
inline std::string difference(const std::string& run, const std::string& expected) {
  for (const char* name : {"last", "best"}) {
    const std::string file = std::string("/checkpoints/") + name + ".safetensors";
    if (file_text(expected + file).empty()) return "nothing to compare with: " + expected + file;
    if (file_text(run + file) != file_text(expected + file)) return std::string(name) + " differs";
  }
  const auto lines = metrics_without_times(run);
  const auto expected_lines = metrics_without_times(expected);
  for (size_t i = 0; i < std::max(lines.size(), expected_lines.size()); ++i) {
    const std::string got = i < lines.size() ? lines[i] : "nothing";
    const std::string wanted = i < expected_lines.size() ? expected_lines[i] : "nothing";
    if (got != wanted) return "metrics.jsonl has " + got + "\nexpected " + wanted;
  }
  if (files_below(run + "/samples") != files_below(expected + "/samples")) return "samples differ";
  return "";
}

}  // namespace unet
