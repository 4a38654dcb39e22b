#pragma once

#include <string>
#include <vector>

#include "data/loader.h"

namespace unet {

/// The micro-batches of one step: taken from the loader when they are first asked for, and kept, so that the step can
/// be done again.
class StepBatches {
 public:
  StepBatches(Loader& loader, int64_t count) : loader_(loader), count_(count) {}

  int64_t count() const { return count_; }

  const Batch& at(int64_t index) {
    while (static_cast<int64_t>(taken_.size()) <= index) taken_.push_back(*loader_.next());
    return taken_[static_cast<size_t>(index)];
  }

  /// Of all that were taken.
  int64_t images() const;

  /// The images' files, the first of them where they are many; for messages.
  std::string names() const;

 private:
  Loader& loader_;
  int64_t count_;
  std::vector<Batch> taken_;
};

/// The first names, and "..." where there are more.
std::string first_names(const std::vector<std::string>& names);

}  // namespace unet
