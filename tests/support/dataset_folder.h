#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset/split.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {

/// A data set of files without content, for tests of what is found by names.
class DatasetFolder {
 public:
  DatasetFolder() { options.dir = folder_.path(); }

  std::string operator/(const std::string& name) const { return folder_ / name; }

  void add(const std::string& name, const std::string& text = "") const {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    write_bytes(folder_ / name, text);
  }
  void add_all(const std::vector<std::string>& names) const {
    for (const std::string& name : names) add(name);
  }

  /// "NAME: IMAGE MASK" of each sample, paths below the folder, in the order of the list.
  std::vector<std::string> listed() const { return texts(list_samples(options).samples); }

  std::vector<std::string> texts(const std::vector<SampleRef>& samples) const {
    std::vector<std::string> lines;
    for (const SampleRef& sample : samples)
      lines.push_back(sample.name + ": " + below(sample.text()) + " " + below(text_of(sample.labels)));
    return lines;
  }

  DataOptions options;

 private:
  std::string below(const std::string& path) const {
    const std::string prefix = folder_.path() + "/";
    return path.rfind(prefix, 0) == 0 ? path.substr(prefix.size()) : path;
  }

  TempFolder folder_;
};

}  // namespace unet
