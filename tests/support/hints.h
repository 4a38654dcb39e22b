#pragma once

#include <regex>
#include <string>
#include <vector>

#include "configs/schema/reader.h"
#include "data/dataset/data_options.h"

namespace unet {

/// The settings that a message proposes: each item holds those that belong together, as KEY=VALUE.
inline std::vector<std::vector<std::string>> hints_of(const std::string& message) {
  static const std::regex kGroup(R"((--set ('[^']*'|[A-Za-z_.]+=[A-Za-z0-9_.]+) ?)+)");
  static const std::regex kSetting(R"(--set (?:'([^']*)'|([A-Za-z_.]+=[A-Za-z0-9_]+)))");
  std::vector<std::vector<std::string>> hints;
  for (std::sregex_iterator group(message.begin(), message.end(), kGroup), end; group != end; ++group) {
    const std::string text = group->str();
    hints.emplace_back();
    for (std::sregex_iterator each(text.begin(), text.end(), kSetting); each != end; ++each)
      hints.back().push_back((*each)[1].matched ? (*each)[1].str() : (*each)[2].str());
  }
  return hints;
}

/// Applies settings of the `data` section as the command line does.
inline void apply_hint(const std::vector<std::string>& hint, DataOptions& options) {
  const std::string section = "data.";
  Tree tree = parse_yaml("{}", "hint");
  for (const std::string& setting : hint) set_value(tree, setting.substr(section.size()));
  read_options(tree, options);
}

}  // namespace unet
