#pragma once

#include "app/scores/metric.h"

namespace unet {

/// Panoptic quality of the instances (see match_instances) of each class, PQ = SQ * RQ. Segmentation quality SQ is the
/// mean IoU of the pairs, recognition quality RQ = TP / (TP + FP/2 + FN/2). Counted over the whole set; in [0,1];
/// undefined for a class without true instances, SQ also without a pair. A class of scenery is taken by its components
/// like any other. Source: Kirillov et al. 2018, arXiv:1801.00868.
std::unique_ptr<Metric> make_panoptic_quality(int64_t num_classes);

}  // namespace unet
