#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/dataset/sample_ref.h"

namespace unet {

/// Hash of where a sample is stored, how it is read, and the stamps of its files (of outlines: of their points). While
/// it stays the same, reading the sample gives the same.
struct SampleState {
  uint64_t low = 0, high = 0;
};

inline bool operator==(const SampleState& a, const SampleState& b) { return a.low == b.low && a.high == b.high; }

/// Returns the hash of where a sample is stored and how it is read, which stays the same when its files change.
SampleState source_of(const SampleRef& sample);

/// Returns the state of a sample of the data set in `dir`; the spelling of `dir` does not matter. Returns nothing if a
/// file cannot be examined, or changed so shortly before `now` that its stamp proves nothing (see `is_settled`).
std::optional<SampleState> state_of(const SampleRef& sample, const std::string& dir, int64_t now);

}  // namespace unet
