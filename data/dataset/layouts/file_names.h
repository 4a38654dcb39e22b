#pragma once

#include <optional>
#include <string>
#include <vector>

namespace unet {

/// A file of a data set by the parts of its name. Text that pairs files is composed, see `composed`.
struct NamedFile {
  std::string path;
  std::string folder;  ///< below the listed folder; "" or ending in a slash
  std::string stem;
  std::string extension;  ///< with the dot
};

/// The files of a folder, by whether their extension is that of an image.
struct NamedFiles {
  std::vector<NamedFile> images, others;
};

/// Lists the files of a folder, with those of the folders in it where `recursive`. Throws Error(io).
NamedFiles list_files(const std::string& folder, bool recursive = true);

/// Whether a folder, or one inside it, holds an image file. Throws Error(io).
bool holds_images(const std::string& folder);

/// Path of `name` in `folder`; "." is the folder itself.
std::string path_in(const std::string& folder, const std::string& name);

/// What the names of one kind of file have before and behind the text that an image and its mask share.
struct Affixes {
  std::string prefix, suffix;

  bool empty() const { return prefix.empty() && suffix.empty(); }
  std::string around(const std::string& text) const { return prefix + text + suffix; }
};

inline bool operator==(const Affixes& a, const Affixes& b) { return a.prefix == b.prefix && a.suffix == b.suffix; }

/// Returns the text between the affixes, after the folder where `with_folder`; nothing where the name lacks one of them
/// or has no other text. A suffix may have the extension.
std::optional<std::string> key_of(const NamedFile& file, const Affixes& affixes, bool with_folder = true);

/// How an image's name becomes its mask's.
struct NamePattern {
  Affixes image, mask;
};

/// A pattern with the number of image files whose mask it finds.
struct FoundPattern {
  NamePattern pattern;
  size_t pairs;
};

/// Finds patterns that pair image files with mask files, the best first. The two lists may be the same one; then a file
/// is not paired with itself.
std::vector<FoundPattern> find_patterns(const std::vector<NamedFile>& images, const std::vector<NamedFile>& masks);

/// Number of image files whose mask the pattern finds.
size_t count_pairs(const std::vector<NamedFile>& images, const std::vector<NamedFile>& masks,
                   const NamePattern& pattern, bool with_folder = true);

}  // namespace unet
