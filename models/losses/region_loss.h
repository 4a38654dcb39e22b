#pragma once

#include "models/losses/loss.h"

namespace unet {

/// What the sums of a region loss run over.
enum class SumsPer { batch, image };
template <>
struct EnumNames<SumsPer> {
  static constexpr EnumName<SumsPer> table[] = {{"batch", SumsPer::batch}, {"image", SumsPer::image}};
};

/// Sums over labeled pixels, each multiplied by its weight: (R,C) float32 each, where R is 1, or the number of images.
struct RegionSums {
  torch::Tensor overlap;      ///< sum of the probability of the pixel's own class, by that class
  torch::Tensor probability;  ///< sum of the probability of each class, or of its square
  torch::Tensor truth;        ///< number of pixels of each class; no gradient
};

/// A loss of each class's region as a whole. With `per: batch` the sums run over a micro-batch, so that a class counts
/// once, in however many images it occurs, and the step's loss is the mean over its micro-batches. With `per: image`
/// each image has sums of its own, and the step's loss is the mean over its images, for any number of equal
/// micro-batches.
class RegionLoss : public Loss {
 public:
  SumsPer per = SumsPer::batch;

  void fields(FieldVisitor& visit) override;

 protected:
  /// `is_squared` sums the squares of the probabilities.
  RegionSums region_sums(const LossInput& input, bool is_squared) const;

  /// Moves the images of (N,...) into the dimension of the region's pixels: (R,pixels), R as in RegionSums.
  torch::Tensor by_region(const torch::Tensor& pixels) const;

  /// Returns this part's share of the mean over regions of the mean over the classes that are there. `loss` and `truth`
  /// (R,C): loss and number of pixels of each class. A region without such a class has a loss of 0.
  static torch::Tensor mean_over_classes(const LossInput& input, const torch::Tensor& loss, const torch::Tensor& truth,
                                         bool include_background);
};

}  // namespace unet
