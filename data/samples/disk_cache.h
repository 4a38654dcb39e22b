#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// Receives a message for people, from any thread.
using Notify = std::function<void(const std::string&)>;

/// What a decoded sample depends on besides the options, as text.
struct SampleIdentity {
  std::string source;  ///< where it is stored and how it is read
  std::string state;   ///< the same with the stamps of its files: size, times, inode
};

/// Returns the identity of a sample; nothing where a file is missing.
std::optional<SampleIdentity> identity_of(const SampleRef& sample);

/// Decoded samples in a folder, a file each, which later epochs and runs map into memory instead of decoding. Several
/// threads and processes may use the folder at once: a file is written under another name, renamed, and never changed.
/// A file counts only for the same options and for the sizes, times and inodes of the sample's files. Damaged files and
/// a full disk are reported once and cost only time.
class DiskCache {
 public:
  /// Bytes that stay free on the disk, so that checkpoints can still be written.
  static constexpr uint64_t kReserve = uint64_t{1} << 30;

  /// `data` is resolved. The folder and its parents are created; leftovers of killed processes are removed.
  DiskCache(std::string folder, const DataOptions& data, Notify notify, uint64_t reserve = kReserve);

  /// Returns the stored sample, mapped into memory; nothing if there is none, or only an outdated or damaged one.
  std::optional<Sample> find(const SampleIdentity& identity);

  /// Stores a sample whose identity was taken before its files were read.
  void store(const SampleIdentity& identity, const Sample& sample);

  /// Path of the file for a sample; it may not exist.
  std::string path_of(const SampleIdentity& identity) const;

 private:
  bool is_intact(std::string_view bytes);
  void report_damage(const std::string& path);
  void stop_storing(const std::string& reason);

  const std::string folder_, settings_;
  const Notify notify_;
  const uint64_t reserve_;
  std::atomic<bool> is_storing_{true}, is_damage_reported_{false};
  std::mutex mutex_;
  std::unordered_set<uint64_t> intact_;  ///< checksums that were verified, so that each file is read in full only once
};

}  // namespace unet
