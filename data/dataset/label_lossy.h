#pragma once

#include <string>
#include <vector>

#include "data/dataset/label_inference.h"
#include "data/dataset/label_peaks.h"

namespace unet {

// Classes of values that are not exact: blurred, compressed, or colors. All throw Error(data) if the values have no
// clear meaning.

/// Divides the values by a threshold if most pixels are not blurred; else proposes it.
LabelInference infer_soft_edges(const LabelEvidence& evidence, const SoftEdges& edges,
                                const std::vector<LabelKey>& ignored);

/// Recognizes the values that lossy compression changed.
LabelInference infer_lossy(const LabelEvidence& evidence, const std::vector<LabelKey>& ignored);

/// Numbers up to 32 exact colors in the order of their values, black first. The color that marks pixels without a class
/// in the palette of Pascal VOC is ignored beside others of it.
LabelInference infer_colors(const LabelEvidence& evidence);

/// Returns settings that give every value the class of the nearest one that forms areas; "" unless 2 to 16 values do,
/// at most half of all.
std::string area_settings(const LabelEvidence& evidence);

std::string threshold_setting(int64_t threshold);

/// "cannot infer the classes from the mask values: got 0 (1200 pixels), ..."
std::string cannot_infer_text(const LabelEvidence& evidence);

}  // namespace unet
