#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset/label_values.h"

namespace unet {

/// Returns a setting for the command line: `--set 'data.labels={0: 0, 255: 1}'`.
std::string labels_setting(const LabelClasses& labels);

/// Returns a setting for the command line: `--set 'data.ignore_values=[255]'`.
std::string ignore_setting(const std::vector<LabelKey>& values);

/// Describes a key for a message, as config files have it: 7, 1-65535 or "#800000".
std::string quoted_key(const LabelKey& key);

/// Lists the first values: "0 (1200 pixels), 7 (12 pixels), ... 40 more values".
std::string counts_text(const ValueCounts& counts);

/// Returns "6.2%"; at most one decimal.
std::string share_text(int64_t part, int64_t total);

std::vector<int64_t> values_of(const ValueCounts& counts);

}  // namespace unet
