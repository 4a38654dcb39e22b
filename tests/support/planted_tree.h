#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_folder.h"

namespace unet {

/// A folder of source files that are written for a test.
class PlantedTree : public testing::Test {
 protected:
  void add(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  std::filesystem::path root() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

}  // namespace unet
