#pragma once

#include "app/check/report_pictures.h"
#include "app/pages/html.h"

namespace unet {

/// Why a data set cannot be trained: each kind of problem with its count and its first message, which holds the
/// settings to type.
Html problems_html(const DataReport& report);

/// All findings by kind and cause, with pictures of examples.
Html findings_html(const DataReport& report, const ReportPictures& pictures);

/// The contact sheet: a legend, suspicious pictures with their reasons, then ordinary ones of each part.
Html pictures_html(const DataReport& report, const ReportPictures& pictures);

}  // namespace unet
