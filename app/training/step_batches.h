#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "data/samples/batch.h"

namespace unet {

/// The micro-batches of one optimizer step. All are loaded before the first forward pass, because the losses are
/// normalized by the labels of the whole step, and a step that ran out of memory is repeated.
class StepBatches {
 public:
  /// Takes `count` micro-batches from `next`, in order.
  StepBatches(const std::function<Batch()>& next, int64_t count);

  /// A step of one micro-batch.
  explicit StepBatches(Batch batch) : batches_{std::move(batch)} {}

  int64_t count() const { return static_cast<int64_t>(batches_.size()); }
  const Batch& operator[](int64_t index) const { return batches_[static_cast<size_t>(index)]; }
  auto begin() const { return batches_.begin(); }
  auto end() const { return batches_.end(); }

  /// Number of images in all micro-batches.
  int64_t images() const;

  /// Image files of all micro-batches, shortened for messages.
  std::string names() const;

 private:
  std::vector<Batch> batches_;
};

/// Joins the first names for a message, followed by "..." if there are more.
std::string first_names(const std::vector<std::string>& names);

}  // namespace unet
