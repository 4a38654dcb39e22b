#pragma once

#include <filesystem>
#include <string>

namespace unet {

/// The folder of one training: config.yaml, environment.json, train.log, metrics.*, samples/,
/// checkpoints/. While it lives, no other process can open it for writing.
class RunFolder {
 public:
  /// Makes a new folder. Throws Error(cannot_create) when `path` holds a run already, is not writable, or
  /// another process trains in it.
  static RunFolder create(const std::string& path);

  /// Opens the folder of an earlier run. Throws Error(missing_input), Error(cannot_create).
  static RunFolder open(const std::string& path);

  RunFolder(RunFolder&& other) noexcept;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoint(const std::string& name) const;
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

  /// Keeps `bytes` as last (the one before as previous) and, if it is the best, as best.
  void save_checkpoint(const std::string& bytes, bool is_best) const;

 private:
  explicit RunFolder(std::filesystem::path path);

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace unet
