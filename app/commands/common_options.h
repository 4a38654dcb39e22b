#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "configs/schema/suggest.h"

namespace unet {

// Options that several commands have, so that they read the same everywhere.

inline constexpr const char* kModelMeaning = "checkpoint, or run folder (its best checkpoint is used)";
inline constexpr const char* kDataMeaning = "folder of the data set; replaces data.dir";

inline void add_device(CLI::App& app, std::string& device) {
  app.add_option("--device", device, "auto, cpu or cuda:N")->capture_default_str();
}

/// `--set` takes one value at a time, so that it does not swallow the positional argument after it.
inline void add_settings(CLI::App& app, std::vector<std::string>& settings, const std::string& example) {
  app.add_option("--set", settings, "set an option: KEY=VALUE, e.g. " + example + "; may be repeated")
      ->allow_extra_args(false);
}

/// Accepts one of `names`. CLI::IsMember does the same without a suggestion.
inline CLI::Validator member_of(const std::vector<std::string>& names) {
  const auto refusal = [names](const std::string& given) {
    const bool is_member = std::find(names.begin(), names.end(), given) != names.end();
    return is_member ? std::string() : "got '" + given + "'" + expected_one_of(given, names);
  };
  return {refusal, "{" + join(names, ",") + "}"};
}

inline void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "print one JSON document on stdout"); }

inline void add_overwrite(CLI::App& app, bool& overwrite, const std::string& meaning = "replace existing outputs") {
  app.add_flag("--overwrite", overwrite, meaning);
}

}  // namespace unet
