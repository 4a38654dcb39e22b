#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace unet {

/// Roles of the newest checkpoint, besides being the last one.
struct CheckpointRole {
  bool is_best = false;
  int64_t keep_step = 0;  ///< N of the file step-N as which it is also kept; 0: not kept
  int64_t max_kept = 0;   ///< number of files step-N to keep, newest first
};

/// Folder of one training: config.yaml, environment.json, train.log, metrics.*, samples/, checkpoints/. Locks the
/// folder for its lifetime, so that no other process can train in it.
class RunFolder {
 public:
  /// Creates a new folder. Throws Error(cannot_create) if `path` already holds a run, is not writable, or another
  /// process is training in it.
  static RunFolder create(const std::string& path);

  /// Creates the first of `path`, `path`-2, `path`-3, ... that holds no run and in which no other process trains.
  static RunFolder create_numbered(const std::string& path);

  /// Checks that `create` would succeed, and leaves nothing behind. Throws Error(cannot_create).
  static void check_creatable(const std::string& path);

  /// Opens the folder of an earlier run and removes the incomplete files of a killed process. Throws
  /// Error(missing_input), Error(cannot_create).
  static RunFolder open(const std::string& path);

  RunFolder(RunFolder&& other) noexcept;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoint(const std::string& name) const;
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

  /// Saves `bytes` as last.safetensors, keeps its predecessor as previous.safetensors, and calls complete_save.
  void save_checkpoint(const std::string& bytes, const CheckpointRole& role) const;

  /// Creates the files of the last checkpoint's other roles. They are missing if the process was killed while saving.
  void complete_save(const CheckpointRole& role) const;

  /// Makes the previous checkpoint the last one again.
  void restore_previous() const;

  /// Removes the folder if it was created by this object and has no checkpoint: what a training leaves that fails
  /// before its first step. Never throws.
  void discard() noexcept;

 private:
  explicit RunFolder(std::filesystem::path path);

  /// Creates the subfolders and removes incomplete files.
  void prepare() const;

  std::filesystem::path path_;
  std::vector<std::filesystem::path> created_;  ///< of `path_` and its parents, those that did not exist; deepest first
  int lock_ = -1;
};

}  // namespace unet
