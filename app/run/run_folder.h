#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace unet {

/// What else the newest checkpoint is, beside the last one.
struct CheckpointRole {
  bool is_best = false;
  int64_t keep_step = 0;  ///< stays as step-N with this N; 0: does not
  int64_t keep_most = 0;  ///< so many of those stay, the newest ones
};

/// The folder of one training: config.yaml, environment.json, train.log, metrics.*, samples/,
/// checkpoints/. While it lives, no other process can open it for writing.
class RunFolder {
 public:
  /// Makes a new folder. Throws Error(cannot_create) when `path` holds a run already, is not writable, or
  /// another process trains in it.
  static RunFolder create(const std::string& path);

  /// Opens the folder of an earlier run, and removes files that were being written when it was killed. Throws
  /// Error(missing_input), Error(cannot_create).
  static RunFolder open(const std::string& path);

  RunFolder(RunFolder&& other) noexcept;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoint(const std::string& name) const;
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

  /// Keeps `bytes` as last (the one before as previous) and by what else it is.
  void save_checkpoint(const std::string& bytes, const CheckpointRole& role) const;

  /// Makes the files of the last checkpoint's other roles, which a kill may have come before.
  void complete_save(const CheckpointRole& role) const;

  /// Makes `previous` the last one again.
  void fall_back() const;

 private:
  explicit RunFolder(std::filesystem::path path);

  /// Makes the folders in it, and removes files that were being written when a process was killed.
  void prepare() const;

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace unet
