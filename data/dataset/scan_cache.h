#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/dataset/sample_scan.h"
#include "data/dataset/sample_state.h"

namespace unet {

/// Where the scans of the samples of a data set are stored.
struct ScanCacheOptions {
  std::string file{};       ///< "": nothing is stored
  std::string dir{};        ///< of the data set; paths count relative to it
  std::string program{};    ///< version of the program; scans of another are not used
  bool is_renewed = false;  ///< whether stored scans are replaced without being used
  int64_t now = 0;          ///< nanoseconds since 1970; 0: the present time
};

/// What the cache was used for, and what went wrong.
struct ScanCacheUse {
  size_t reused = 0;       ///< samples whose scan was stored
  std::string damage{};    ///< why the file was not used; "" also if it is absent or of another version
  std::string not_kept{};  ///< why not all scans are stored for the next time
};

/// Scans of earlier starts, in one file for each data set. A scan is found by the state of its sample, so that of a
/// changed file is not found. Only usable samples are stored, so that what makes others usable, such as another version
/// of a library, is noticed. Two processes may use a file at the same time: the last to finish replaces it.
class ScanCache {
 public:
  /// Reads the file. An absent or damaged file counts as empty.
  explicit ScanCache(const ScanCacheOptions& options);

  /// Returns the stored scan of a sample if its files are unchanged and it is complete, because scans measure what
  /// their options say; else what `scan` returns, for `save` to store. Any thread may call it.
  SampleScan get(const SampleRef& sample, const std::function<bool(const SampleScan&)>& is_complete,
                 const std::function<SampleScan()>& scan);

  /// Writes the file if there are new scans, and returns how the cache was used. Scans that four calls in a row found
  /// unused are dropped, as are those beyond the size limit.
  ScanCacheUse save();

 private:
  struct Entry {
    std::string_view scan;  ///< bytes in `file_` or `fresh_`
    uint8_t age = 0;        ///< number of calls of `save` since it was used
    bool is_used = false;
  };
  struct StateHash {
    size_t operator()(const SampleState& state) const { return state.low; }
  };

  void load();
  std::optional<SampleScan> find(const SampleState& state, const std::function<bool(const SampleScan&)>& is_complete);
  std::string file_bytes();

  ScanCacheOptions options_;
  ScanCacheUse use_;
  std::string file_;
  std::unordered_map<SampleState, Entry, StateHash> stored_;
  std::vector<std::pair<SampleState, std::string>> fresh_;
  std::mutex mutex_;
};

}  // namespace unet
