#pragma once

#include <filesystem>
#include <string>

namespace unet {

/// A folder of outputs that is complete or absent: it is written under a hidden name beside its final place, and gets
/// its name at the end.
class StagedFolder {
 public:
  /// Creates the hidden folder, and the parents of `path`. Throws Error(cannot_create).
  explicit StagedFolder(const std::string& path);

  /// Removes everything that was written unless `publish` was called.
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where to write.
  std::string path() const { return staged_.string(); }

  /// The final place, absolute.
  std::string final_path() const { return final_.string(); }

  /// Writes the files to the disk and moves the folder to its final place. A folder that is there is replaced. Throws
  /// Error(cannot_create), Error(io); what was there then stays.
  void publish();

 private:
  void replace_existing();

  std::filesystem::path final_, staged_;
  std::filesystem::path first_made_;  ///< the topmost parent that the constructor created; "" for none
  bool is_published_ = false;
};

}  // namespace unet
