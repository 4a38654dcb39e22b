#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace unet {

/// What a piece of work allocates and frees through LibTorch's CPU allocator, in order; blocks of a kilobyte and more.
struct AllocationLog {
  struct Event {
    size_t block = 0;  ///< counted in the order of allocation
    bool allocates = true;

    bool operator==(const Event& other) const { return block == other.block && allocates == other.allocates; }
  };
  std::vector<Event> events;
  std::vector<int64_t> bytes;  ///< by block
};

/// Runs `work` in this thread and logs it; what it frees that was there before is left out.
AllocationLog log_allocations(const std::function<void()>& work);

/// Whether the same blocks come and go in the same order, whatever their sizes.
bool are_alike(const AllocationLog& one, const AllocationLog& other);

/// The same work on `pixels` pixels, from its logs on two other numbers of them: each block is taken to grow linearly,
/// as activations do, or not at all, as weights do. Throws Error(internal) where the two logs are not alike.
AllocationLog extrapolate(const AllocationLog& small, int64_t small_pixels, const AllocationLog& large,
                          int64_t large_pixels, int64_t pixels);

/// The most bytes that are allocated at once.
int64_t peak_of(const AllocationLog& log);

}  // namespace unet
