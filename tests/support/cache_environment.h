#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "tests/support/temp_folder.h"

namespace unet {

/// Keeps what the tested programs store of data sets apart from the cache of the user.
class CacheEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    folder_ = std::make_unique<TempFolder>();
    ::setenv("XDG_CACHE_HOME", folder_->path().c_str(), /*overwrite=*/1);
  }
  void TearDown() override { folder_.reset(); }

 private:
  std::unique_ptr<TempFolder> folder_;
};

inline testing::Environment* const kCacheEnvironment = testing::AddGlobalTestEnvironment(new CacheEnvironment);

}  // namespace unet
