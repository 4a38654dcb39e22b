#pragma once

#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// Divides the training samples of a scanned data set by fraction, see `divide_by_fraction`, and orders samples and
/// scan by part. Resolves `data.split_by`; completes the rule and the decisions.
void divide_dataset(Dataset& dataset, const Fractions& fractions);

/// Puts the samples of a scan into another order: that of the indices `order`.
void reorder(DataScan& scan, const std::vector<size_t>& order);

}  // namespace unet
