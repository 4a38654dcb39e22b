#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// The objects of one class in the usable masks of all parts. Medians of an even number are the lower of the two middle
/// values.
struct ObjectFacts {
  int64_t count = 0;
  int64_t images = 0;                             ///< that have at least one
  int64_t smallest = 0, median = 0, largest = 0;  ///< pixels
  double thickness = 0;                           ///< median, pixels; see `LabelObject`
};

/// Objects by class.
struct ClassObjects {
  std::vector<ObjectFacts> classes;  ///< empty if the objects were not measured, or the labels are unknown
  int64_t masks_left_out = 0;        ///< with more than kMaxObjectsPerMask
};

/// Gathers the objects that the scan measured: connected components of one label value, so that touching objects
/// with numbers of their own count one by one. Where the values of a class do not form objects, as with soft edges,
/// reads the masks again and takes connected components of the class. Throws Error(interrupted).
ClassObjects count_objects(const Dataset& data, const ScanOptions& scan);

}  // namespace unet
