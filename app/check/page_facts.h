#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/pages/html.h"
#include "data/check/data_check.h"

namespace unet {

// Chapters of check-data's page that hold facts; each is empty if there is nothing to say.

/// What was decided from the data rather than given.
Html decisions_html(const DataReport& report);

/// Classes with their colors and shares, or the mask values if the classes are unknown.
Html classes_html(const DataReport& report);

/// Sizes, channels, depth, range and split of the images.
Html images_html(const DataReport& report);

/// Options that suit the data, to paste into a config.
Html suggestions_html(const DataReport& report);

/// Every fact of the JSON document that the other chapters do not show.
Html more_facts_html(const nlohmann::json& document);

}  // namespace unet
