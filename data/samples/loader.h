#pragma once

#include <memory>
#include <optional>

#include "data/samples/training_set.h"

namespace unet {

/// Which part of an epoch one process sees.
struct LoaderPlan {
  int64_t batch_size = 1;
  int64_t num_workers = 0;  ///< 0: batches are made in `next`
  int64_t prefetch = 4;     ///< batches that may be ready or in work ahead of `next`; bounds memory
  int64_t rank = 0;         ///< of world_size processes; batch b of rank r has the positions
  int64_t world_size = 1;   ///< (b * world_size + r) * batch_size + 0 .. batch_size-1
  bool pinned = false;      ///< in page-locked memory, from which a CUDA device copies by itself; needs such a device
};

/// Batches in an epoch for each rank; the last one wraps around so that all are full.
int64_t batches_per_epoch(const TrainingSet& set, const LoaderPlan& plan);

/// The batches of one epoch, in order, from `first_batch` on. Whatever the number of workers the
/// batches are the same. An error in a worker is rethrown by the `next` that would have returned that batch.
class Loader {
 public:
  /// `set` must outlive the loader.
  Loader(const TrainingSet& set, const LoaderPlan& plan, int64_t epoch, int64_t first_batch = 0);
  ~Loader();

  /// Nothing after the last batch.
  std::optional<Batch> next();

  /// The same batch, if a worker has it ready; without workers nothing is ever ready.
  std::optional<Batch> next_if_ready();

  /// Seconds that `next` has spent waiting for (or making) batches.
  double waited_seconds() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace unet
