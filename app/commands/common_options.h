#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "configs/schema/suggest.h"

namespace unet {

// Options that several commands have, so that they read the same everywhere.

inline constexpr const char* kModelMeaning = "checkpoint, or run folder (its best checkpoint is used)";
inline constexpr const char* kDataMeaning = "folder of the data set (default: data.dir of the config)";

inline void add_device(CLI::App& app, std::string& device) {
  app.add_option("--device", device, "auto, cpu or cuda:N")->capture_default_str();
}

inline void add_threads(CLI::App& app, int64_t& threads) {
  app.add_option("--threads", threads,
                 "threads that compute (default: all processors, within the CPU quota; or OMP_NUM_THREADS)")
      ->check(CLI::Range(1, 4096));
}

/// `--set` takes one value at a time, so that it does not swallow the positional argument after it.
inline void add_settings(CLI::App& app, std::vector<std::string>& settings, const std::string& example) {
  app.add_option("--set", settings, "set an option: KEY=VALUE, e.g. " + example + "; may be repeated (default: none)")
      ->allow_extra_args(false);
}

/// See parse_channel_selection.
inline void add_channels(CLI::App& app, std::string& channels) {
  app.add_option(
      "--channels", channels,
      "stored channels that the network gets, in its order, the first being 0, e.g. 2,1,0; opaque stands for "
      "a missing alpha (default: as stored, gray and RGB converted)");
}

/// Accepts one of `names`. CLI::IsMember does the same without a suggestion.
inline CLI::Validator member_of(const std::vector<std::string>& names) {
  const auto refusal = [names](const std::string& given) {
    const bool is_member = std::find(names.begin(), names.end(), given) != names.end();
    return is_member ? std::string() : "got '" + given + "'" + expected_one_of(given, names);
  };
  return {refusal, "{" + join(names, ",") + "}"};
}

inline void add_rescan(CLI::App& app, bool& rescan) {
  app.add_flag("--rescan", rescan, "read every image and mask again, even if unchanged since the last scan");
}

inline void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "print one JSON document on stdout"); }

inline void add_overwrite(CLI::App& app, bool& overwrite, const std::string& meaning = "replace existing outputs") {
  app.add_flag("--overwrite", overwrite, meaning);
}

}  // namespace unet
