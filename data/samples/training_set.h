#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "configs/schema/boundary_weights.h"
#include "data/samples/augmentation.h"
#include "data/samples/batch.h"
#include "data/samples/disk_cache.h"
#include "data/samples/forced_foreground.h"
#include "data/samples/preprocessing.h"
#include "data/samples/sample_source.h"

namespace unet {

/// Training samples: stored -> decoded (cached within `data.cache_mb` and in `data.cache_dir`) -> augmented ->
/// normalized. Samples that fit into no cache are read by region where their files allow it. Any sample of any epoch
/// can be requested at any time, from any thread; caches, regions and threads change nothing but the time.
class TrainingSet {
 public:
  /// `data` is resolved. `augment` must outlive the set. `notify` (may be empty) receives what people should know of
  /// the cache on disk. Batches have the weight map `boundary`, if there is one. Throws Error(data) if there is no
  /// sample.
  TrainingSet(std::vector<SampleRef> samples, const DataOptions& data, const AugmentOptions& augment, uint64_t seed,
              Notify notify = {}, std::optional<BoundaryWeights> boundary = {});
  ~TrainingSet();

  /// Number of samples in an epoch: images times `data.samples_per_image`.
  int64_t size() const;

  /// Returns the order of an epoch, a pure function of (seed, epoch): a permutation of 0..size()-1, or, if samples have
  /// weights, a choice with repetition. An image of weight w is then drawn size() * w / (sum of the weights) times,
  /// rounded down or up at random.
  std::vector<int64_t> order(int64_t epoch) const;

  /// Makes a batch of the samples `order[positions...]` of an epoch. A position may exceed the epoch's size: it then
  /// wraps around, with its own augmentation. Throws Error(data) naming the file.
  Batch batch(int64_t epoch, const std::vector<int64_t>& order, const std::vector<int64_t>& positions) const;

  /// Makes a training sample of image `index` as a batch of this epoch has it at `position`, before normalization.
  Sample augmented(size_t index, int64_t epoch, int64_t position) const;

 private:
  class Cache;
  class Others;

  std::vector<int64_t> drawn_by_weight(int64_t epoch) const;
  std::unique_ptr<SampleSource> source(size_t index) const;
  std::unique_ptr<SampleSource> open_regions(size_t index) const;

  /// Takes a sample from the cache on disk, or reads it; resized to `output_` if that is the size policy.
  Sample decoded(size_t index) const;
  Sample load(const SampleRef& ref) const;

  std::vector<SampleRef> samples_;
  const AugmentOptions& augment_;
  DataOptions data_;
  IntensityScale scale_;
  Preprocessing preprocessing_;
  uint64_t seed_;
  int64_t samples_per_image_;
  cv::Size output_;  // size of every sample
  bool resize_;
  std::unique_ptr<Cache> cache_;
  std::unique_ptr<DiskCache> disk_cache_;  // null without `data.cache_dir`
  ForcedForeground forced_;
  std::optional<BoundaryWeights> boundary_;
};

}  // namespace unet
