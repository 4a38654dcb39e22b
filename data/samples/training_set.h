#pragma once

#include <memory>
#include <vector>

#include "data/samples/augmentation.h"
#include "data/samples/batch.h"
#include "data/samples/preprocessing.h"

namespace unet {

/// Samples for training: file -> decoded (cached within `cache_mb`) -> augmented -> normalised. Any
/// sample of any epoch can be asked for at any time, from any thread.
class TrainingSet {
 public:
  /// `data` is resolved. `augment` must outlive the set. Throws Error(data) where there is no pair.
  TrainingSet(std::vector<Pair> pairs, const DataOptions& data, const AugmentOptions& augment, uint64_t seed);
  ~TrainingSet();

  /// Samples in an epoch: pairs times samples_per_image.
  int64_t size() const;

  /// The epoch's order: a permutation of 0..size()-1, a pure function of (seed, epoch).
  std::vector<int64_t> order(int64_t epoch) const;

  /// Samples `order[positions...]` of an epoch as one batch. A position may exceed the epoch's size: it
  /// then wraps around, with its own augmentation. Throws Error(data) naming the file.
  Batch batch(int64_t epoch, const std::vector<int64_t>& order, const std::vector<int64_t>& positions) const;

 private:
  class Cache;

  /// The pair's image and mask, at `output_` size where the policy is to resize.
  Sample load(const Pair& pair) const;
  Sample augmented(size_t pair, int64_t epoch, int64_t position) const;

  std::vector<Pair> pairs_;
  const AugmentOptions& augment_;
  Preprocessing preprocessing_;
  uint64_t seed_;
  int64_t samples_per_image_;
  cv::Size output_;  // of every sample
  bool resize_;
  std::unique_ptr<Cache> cache_;
};

}  // namespace unet
