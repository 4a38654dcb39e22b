#pragma once

#include <memory>
#include <optional>

#include "data/samples/training_set.h"

namespace unet {

/// How one process loads its part of an epoch.
struct LoaderPlan {
  int64_t batch_size = 1;
  int64_t num_workers = 0;  ///< 0: batches are made in `next`
  int64_t prefetch = 4;     ///< batches that may be ready or in progress ahead of `next`; bounds memory
  int64_t rank = 0;         ///< batch b of this rank begins at position (b * world_size + rank) * batch_size
  int64_t world_size = 1;   ///< number of processes
  bool pinned = false;      ///< batches in page-locked memory, from which a CUDA device copies asynchronously
};

/// Number of batches in an epoch for each rank; the last one wraps around so that all are full.
int64_t batches_per_epoch(const TrainingSet& set, const LoaderPlan& plan);

/// Loads the batches of one epoch, in order, from `first_batch` on. They do not depend on the number of workers. An
/// error in a worker is rethrown by the `next` that would have returned its batch.
class Loader {
 public:
  /// `set` must outlive the loader.
  Loader(const TrainingSet& set, const LoaderPlan& plan, int64_t epoch, int64_t first_batch = 0);
  ~Loader();

  /// Returns the next batch; nullopt after the last one.
  std::optional<Batch> next();

  /// Returns the next batch if a worker has finished it; without workers, never.
  std::optional<Batch> next_if_ready();

  /// Seconds that `next` has spent waiting for batches, or making them.
  double waited_seconds() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace unet
