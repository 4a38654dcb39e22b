#pragma once

#include <string>

#include "app/config/train_options.h"

namespace unet {

/// State of MicroBatchSplitter, part of a checkpoint.
struct SplitterState {
  int64_t parts = 1;  ///< number of parts into which each micro-batch is split

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("parts", state.parts);
  }
};

/// Splits micro-batches into smaller parts once memory has run out (train.out_of_memory: halve).
class MicroBatchSplitter {
 public:
  explicit MicroBatchSplitter(const TrainOptions& options)
      : halves_(options.out_of_memory == OutOfMemoryPolicy::halve), batch_size_(options.batch_size) {}

  int64_t parts() const { return state_.parts; }

  /// Doubles the number of parts. Returns false, and changes nothing, if that is not allowed or a part is already a
  /// single sample.
  bool split();

  /// Returns the warning about a split in step number `step`.
  std::string warning(int64_t step) const;

  const SplitterState& state() const { return state_; }
  void restore(const SplitterState& state) { state_ = state; }

 private:
  bool halves_;
  int64_t batch_size_;
  SplitterState state_;
};

}  // namespace unet
