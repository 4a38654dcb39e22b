#pragma once

#include <string>
#include <vector>

#include "app/planning/sample_look.h"

namespace unet {

/// Whether the two halves of the images differ in a way that a mirrored image would contradict.
struct HalfDifference {
  /// Total variation distance between the class shares of the two halves, over all pixels: 0 (equal) to 1.
  double labels = 0;
  /// Largest |a - b| / (a + b) of the pixels a and b of one class in the halves, of classes whose difference is
  /// significant.
  double one_class = 0;
  double brightness = 0;  ///< mean difference of the halves in standard deviations of an image
  bool matters = false;   ///< whether flips along this axis contradict the data
  std::string reason{};   ///< the numbers behind `matters`
};

/// Differences between up and down, and between left and right.
struct Orientation {
  HalfDifference vertical, horizontal;
};

/// Compares the halves of some images. A difference is significant if its mean over the images is more than 4 + 12 / n
/// standard errors from 0, for n images. Halves are told apart by labels if the distance of their class shares is above
/// 0.2, or a class lies to more than four fifths in one of them (|a - b| / (a + b) > 0.6), each with a class that
/// differs significantly; or by images if their brightness differs by more than half a standard deviation,
/// significantly. Fewer than 4 images tell nothing.
Orientation compare_halves(const std::vector<SampleLook>& looks);

}  // namespace unet
