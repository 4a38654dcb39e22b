#pragma once

// Free of torch and OpenCV, so that the thread sanitizer can run it (see scripts/build.sh tsan).

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace unet {

/// Computes `make(first)`, `make(first + 1)`, ... `make(end - 1)` in several threads and returns the results in the
/// order of their indices to one consumer. At most `capacity` results are finished or in progress ahead of the
/// consumer, which bounds memory.
template <class T>
class OrderedQueue {
 public:
  /// `make` is called from any worker, several calls at a time. `workers` and `capacity` are at least 1.
  /// Throws std::system_error when a thread cannot be started.
  OrderedQueue(int64_t first, int64_t end, int64_t workers, int64_t capacity, std::function<T(int64_t)> make)
      : make_(std::move(make)),
        handed_(first),
        taken_(first),
        end_(end),
        slots_(static_cast<size_t>(capacity > 1 ? capacity : 1)) {
    try {
      do threads_.emplace_back([this] { run_worker(); });
      while (static_cast<int64_t>(threads_.size()) < workers);
    } catch (...) {
      stop();
      throw;
    }
  }

  OrderedQueue(const OrderedQueue&) = delete;
  OrderedQueue& operator=(const OrderedQueue&) = delete;

  /// Waits for the running calls of `make` and starts no more.
  ~OrderedQueue() { stop(); }

  /// Waits for the next result and returns it; nullopt after the last one. An exception that `make` threw is rethrown
  /// in place of its result; the results after it are still available.
  std::optional<T> next() {
    Slot slot;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (handed_ == end_) return std::nullopt;
      Slot& front = slot_of(handed_);
      finished_.wait(lock, [&front] { return front.ready; });
      slot = std::exchange(front, Slot{});
      ++handed_;
    }
    room_.notify_one();
    if (slot.error) std::rethrow_exception(slot.error);
    return std::move(slot.value);
  }

  /// Whether `next` would return a result without waiting.
  bool is_ready() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return handed_ != end_ && slot_of(handed_).ready && !slot_of(handed_).error;
  }

 private:
  struct Slot {
    std::optional<T> value;
    std::exception_ptr error;
    bool ready = false;
  };

  Slot& slot_of(int64_t index) { return slots_[static_cast<size_t>(index) % slots_.size()]; }

  void run_worker() {
    while (const std::optional<int64_t> index = take()) {
      Slot slot = make_slot(*index);
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        slot_of(*index) = std::move(slot);
      }
      finished_.notify_one();
    }
  }

  /// Waits for room for a result and returns the next index to work on; nullopt when the work is done.
  std::optional<int64_t> take() {
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(
        lock, [this] { return stopping_ || taken_ >= end_ || taken_ - handed_ < static_cast<int64_t>(slots_.size()); });
    if (stopping_ || taken_ >= end_) return std::nullopt;
    return taken_++;
  }

  Slot make_slot(int64_t index) {
    Slot slot;
    try {
      slot.value.emplace(make_(index));
    } catch (...) {
      slot.error = std::current_exception();
    }
    slot.ready = true;
    return slot;
  }

  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  const std::function<T(int64_t)> make_;
  std::mutex mutex_;                  // guards all below but `threads_`
  std::condition_variable room_;      // workers wait on it
  std::condition_variable finished_;  // the consumer waits on it
  int64_t handed_;                    // index that `next` returns next
  int64_t taken_;                     // index that a worker takes next
  const int64_t end_;
  bool stopping_ = false;
  std::vector<Slot> slots_;  // a ring: index i is at i modulo its size
  std::vector<std::thread> threads_;
};

}  // namespace unet
