#pragma once

#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace unet {

/// A reader of files that is given damaged ones.
struct FuzzTarget {
  std::string name;
  std::string file;                                          ///< name, in a folder, of the file to damage
  std::function<std::vector<std::string>()> seeds;           ///< files that the reader takes
  std::function<void(const std::string& folder)> read;       ///< throws Error, or `WrongResult`
  std::function<void(const std::string& folder)> prepare{};  ///< writes the files beside; may be empty
  std::function<void(std::string& bytes)> repair{};          ///< corrects checksums; may be empty
  std::vector<std::string> words{};                          ///< pieces of the format to insert
};

/// Prints a target in the lists of GoogleTest.
inline void PrintTo(const FuzzTarget& target, std::ostream* out) { *out << target.name; }

/// What a reader returned contradicts itself.
struct WrongResult : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::vector<FuzzTarget> image_targets();
std::vector<FuzzTarget> annotation_targets();
std::vector<FuzzTarget> weight_targets();

}  // namespace unet
