#include "data/dataset/parallel_samples.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "configs/schema/error.h"

namespace unet {

void for_each_sample(size_t count, const ScanOptions& options, const std::function<void(size_t)>& use) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  size_t done = 0;
  const auto work = [&] {
    try {
      for (size_t i = next++; i < count; i = next++) {
        if (options.stop && options.stop())
          fail(ErrorKind::interrupted, "stopped after reading ", i, " of ", count, " files");
        use(i);
        const std::lock_guard<std::mutex> lock(mutex);
        ++done;
        if (options.progress) options.progress(done, count);
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!error) error = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < options.threads && static_cast<size_t>(i) < count; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace unet
