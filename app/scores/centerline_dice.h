#pragma once

#include "app/scores/metric.h"

namespace unet {

/// Centerline Dice (clDice) of each class: 2TS / (T + S). T is the share of the predicted skeleton (see skeleton)
/// inside the true mask, S the share of the true skeleton inside the predicted mask; both are counted over the whole
/// set, without ignored pixels. In [0,1]; undefined for a class without true pixels. Source: Shit et al. 2020,
/// arXiv:2003.07311, where the shares are taken for each image.
std::unique_ptr<Metric> make_centerline_dice(int64_t num_classes);

}  // namespace unet
