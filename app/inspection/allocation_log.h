#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace unet {

/// Allocations and deallocations of LibTorch's CPU allocator, in order, for blocks of at least one kilobyte.
struct AllocationLog {
  struct Event {
    size_t block = 0;  ///< numbered in order of allocation
    bool allocates = true;

    bool operator==(const Event& other) const { return block == other.block && allocates == other.allocates; }
  };
  std::vector<Event> events;
  std::vector<int64_t> bytes;  ///< size of each block
};

/// Runs `work` in this thread and returns its log. Blocks that were allocated earlier are ignored.
AllocationLog log_allocations(const std::function<void()>& work);

/// Whether both logs have the same events, whatever the sizes of the blocks.
bool have_same_events(const AllocationLog& one, const AllocationLog& other);

/// Extrapolates the logs of the same work on two numbers of pixels to `pixels` pixels. The size of each block is
/// assumed to be linear in the number of pixels, as for activations, or constant, as for weights. Throws
/// Error(internal) if the logs have different events.
AllocationLog extrapolate(const AllocationLog& small, int64_t small_pixels, const AllocationLog& large,
                          int64_t large_pixels, int64_t pixels);

/// Returns the peak of the bytes allocated at the same time.
int64_t peak_of(const AllocationLog& log);

}  // namespace unet
