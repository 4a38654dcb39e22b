#pragma once

#include "app/scores/metric.h"

namespace unet {

/// Average precision of the instances (see match_instances) of each class: TP / (TP + FP + FN), where a pair is a TP if
/// its IoU is above a threshold. instance_ap is the mean over the thresholds 0.5, 0.55, ..., 0.95, instance_ap50 the
/// value at 0.5. Counted over the whole set; in [0,1]; undefined for a class without true instances. The components
/// have no confidences, so this is not the area under a precision-recall curve.
/// Source: the score of the 2018 Data Science Bowl, Caicedo et al. 2019, doi:10.1038/s41592-019-0612-7, which averages
/// over images.
std::unique_ptr<Metric> make_instance_ap(int64_t num_classes);

}  // namespace unet
