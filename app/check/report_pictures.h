#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/check/data_check.h"

namespace unet {

/// Writes contact-sheet-1.png, contact-sheet-2.png, ... into `folder`, which exists: images overlaid with their masks,
/// suspicious ones first with the reason under them (48 to a sheet, at most four sheets), then ordinary ones spread
/// over the data set in the space left on the last sheet. `progress` is called with the share done, in [0,1]. Returns
/// the paths; none if there is nothing to show. Throws Error(cannot_create), Error(io).
std::vector<std::string> write_contact_sheets(const DataReport& report, const std::string& folder,
                                              const std::function<void(double)>& progress);

}  // namespace unet
