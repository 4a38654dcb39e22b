#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/check/report_pictures.h"

namespace unet {

/// Returns the report as one self-contained HTML page: the verdict with what to type, decisions, classes, images,
/// findings and pictures. `document` is the report as JSON; its facts that have no chapter of their own are shown
/// too. `next` are the commands to type next.
std::string to_page(const DataReport& report, const nlohmann::json& document, const ReportPictures& pictures,
                    const std::vector<std::string>& next);

}  // namespace unet
