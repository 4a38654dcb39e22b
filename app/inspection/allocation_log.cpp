#include "app/inspection/allocation_log.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "configs/schema/error.h"
#include "models/compat/torch_compat.h"

namespace unet {
namespace {

/// Smaller blocks depend on the number of threads in a reduction; weights and activations are larger.
constexpr int64_t kMinBytes = 1024;

/// Poses as the profiler of the thread, to which LibTorch reports each allocation.
class AllocationRecorder : public c10::MemoryReportingInfoBase {
 public:
  bool memoryProfilingEnabled() const override { return true; }

  void reportMemoryUsage(void* address, int64_t size, compat::ReportedBytes, compat::ReportedBytes,
                         c10::Device device) override {
    if (!device.is_cpu() || address == nullptr) return;
    if (size > 0 && size < kMinBytes) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (size > 0) {
      blocks_[address] = log_.bytes.size();
      log_.events.push_back({log_.bytes.size(), true});
      log_.bytes.push_back(size);
    } else if (const auto block = blocks_.find(address); block != blocks_.end()) {
      log_.events.push_back({block->second, false});
      blocks_.erase(block);
    }
  }

  AllocationLog log() const { return log_; }

 private:
  std::mutex mutex_;
  AllocationLog log_;
  std::unordered_map<void*, size_t> blocks_;  ///< index of each allocated block, by address
};

}  // namespace

AllocationLog log_allocations(const std::function<void()>& work) {
  const auto recorder = std::make_shared<AllocationRecorder>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, recorder);
  work();
  return recorder->log();
}

bool have_same_events(const AllocationLog& one, const AllocationLog& other) { return one.events == other.events; }

AllocationLog extrapolate(const AllocationLog& small, int64_t small_pixels, const AllocationLog& large,
                          int64_t large_pixels, int64_t pixels) {
  if (!have_same_events(small, large))
    fail(ErrorKind::internal, "[allocation log] the allocations for ", large_pixels, " pixels differ from those for ",
         small_pixels, ": ", large.events.size(), " and ", small.events.size(), " events");
  AllocationLog log{small.events, {}};
  for (size_t block = 0; block < small.bytes.size(); ++block) {
    const auto base = static_cast<double>(small.bytes[block]);
    const double slope =
        (static_cast<double>(large.bytes[block]) - base) / static_cast<double>(large_pixels - small_pixels);
    log.bytes.push_back(std::max<int64_t>(1, std::llround(base + slope * static_cast<double>(pixels - small_pixels))));
  }
  return log;
}

int64_t peak_of(const AllocationLog& log) {
  int64_t bytes = 0, peak = 0;
  for (const auto& event : log.events) {
    bytes += event.allocates ? log.bytes[event.block] : -log.bytes[event.block];
    peak = std::max(peak, bytes);
  }
  return peak;
}

}  // namespace unet
