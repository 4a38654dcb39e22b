#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/training/learner.h"
#include "data/samples/batch.h"

namespace unet {

/// The micro-batches of one step: taken when they are first asked for, and kept, so that the step can be done again.
class StepBatches {
 public:
  /// `next` gives the step's micro-batches, `count` of them, one after the other.
  StepBatches(std::function<Batch()> next, int64_t count) : next_(std::move(next)), count_(count) {}

  int64_t count() const { return count_; }

  const Batch& at(int64_t index);

  /// Takes those that nobody has asked for yet.
  void take_all() { at(count_ - 1); }

  /// Of all that were taken.
  int64_t images() const;

  /// The images' files, the first of them where they are many; for messages.
  std::string names() const;

 private:
  std::function<Batch()> next_;
  int64_t count_;
  std::vector<Batch> taken_;
};

/// What the gradients of a step gave.
struct StepGradients {
  double loss = 0;    ///< mean over the micro-batches
  double norm = 0;    ///< before clipping
  std::string fault;  ///< what is not finite, with the images' files; "" where all is
};

/// Adds the gradients of a step, begun before, to the learner, and clips them. Each micro-batch is computed in so many
/// `parts`; before each, LibTorch's generator is seeded with `seed` of its index.
StepGradients add_step_gradients(Learner& learner, StepBatches& batches, int64_t parts,
                                 const std::function<uint64_t(int64_t)>& seed);

}  // namespace unet
