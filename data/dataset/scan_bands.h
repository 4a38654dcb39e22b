#pragma once

#include <cstdint>

#include "data/dataset/sample_regions.h"
#include "data/dataset/sample_scan.h"

namespace unet {

/// Scans a sample in bands of rows, each about a sixteenth of `whole_bytes`. Counts, hashes and, up to rounding, sums
/// are those of the whole sample. Shapes and objects are those of the bands: what crosses their borders counts in each.
/// Throws Error(data), Error(io).
SampleScan scan_bands(SampleRegions& files, int64_t whole_bytes, bool wants_objects);

}  // namespace unet
