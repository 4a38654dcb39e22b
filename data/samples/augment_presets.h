#pragma once

#include <string>

#include "data/samples/augmentation.h"

namespace unet {

/// Sets the options of the `augment` section that a config leaves to its `preset`, which then becomes custom. Rows that
/// the preset does not have are off. A key that is given in the same place as the preset, or in one of higher
/// precedence, wins; one of a file that a `base:` names does not. Amounts of intensity beside a preset are in its unit,
/// which `locations` then has as given. `section` is the key path of the options.
void apply_augment_preset(AugmentOptions& options, Locations& locations, const std::string& section);

}  // namespace unet
