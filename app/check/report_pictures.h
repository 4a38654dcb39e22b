#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/check/data_check.h"

namespace unet {

/// A picture of a sample or file with its captions.
struct ReportPicture {
  std::string file;                  ///< path, or text of the image source
  std::optional<size_t> sample;      ///< index into Dataset::samples
  std::vector<std::string> reasons;  ///< why it is suspicious; empty for an ordinary sample
  std::vector<std::string> notes;    ///< part, size, and what was changed to show it
  std::string uri;                   ///< data URI; "" if there is no picture or the page has no room for it
};

/// What was drawn of a data set.
struct ReportPictures {
  std::vector<std::string> sheets;                          ///< paths of the contact sheets
  std::vector<ReportPicture> pictures;                      ///< suspicious ones first, then ordinary ones by part
  size_t suspects = 0;                                      ///< suspicious samples and files, shown or not
  std::vector<std::pair<std::string, std::string>> legend;  ///< names and colors ("#rrggbb")
};

/// Draws images overlaid with their masks: suspicious ones first with the reason under them (at most 192), then
/// ordinary ones of each part in the space left on the last sheet. Writes contact-sheet-1.png, contact-sheet-2.png, ...
/// (48 pictures each) into `folder`, which exists. The data URIs together have at most `max_bytes`. `progress` is
/// called with the share done, in [0,1]. Throws Error(cannot_create), Error(io).
ReportPictures draw_report_pictures(const DataReport& report, const std::string& folder,
                                    const std::function<void(double)>& progress, size_t max_bytes = 5 << 20);

}  // namespace unet
