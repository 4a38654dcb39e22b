#include "app/run/run_clock.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "data/read_file.h"

namespace unet {
namespace {

double most_seconds(const nlohmann::json& records) {
  double most = 0;
  for (const auto& record : records)
    if (record.is_object() && record.contains("run_seconds") && record["run_seconds"].is_number())
      most = std::max(most, record["run_seconds"].get<double>());
  return most;
}

/// The file's content; "" where it is not there.
std::string text_of(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? read_file(path.string()) : "";
}

}  // namespace

RunClock start_run_clock(double earlier_seconds) {
  return [earlier_seconds, start = std::chrono::steady_clock::now()] {
    return earlier_seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
}

double recorded_run_seconds(const RunFolder& run) {
  nlohmann::json records = nlohmann::json::array();
  std::istringstream lines(text_of(run.file("metrics.jsonl")));
  for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line, nullptr, false));
  const auto environment = nlohmann::json::parse(text_of(run.file("environment.json")), nullptr, false);
  const bool has_starts = environment.is_object() && environment.contains("starts");
  return std::max(most_seconds(records), has_starts ? most_seconds(environment["starts"]) : 0);
}

}  // namespace unet
