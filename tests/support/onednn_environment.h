#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "models/compat/library_faults.h"

namespace unet {

/// Leaves oneDNN out where it computes wrong values, in this process and in the Python programs that it starts, so that
/// tests hold on such machines too. A test program includes this header in one file.
class OnednnEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    if (compat::disable_wrong_onednn()) ::setenv("UNET_WITHOUT_ONEDNN", "1", /*overwrite=*/1);
  }
};

inline testing::Environment* const kOnednnEnvironment = testing::AddGlobalTestEnvironment(new OnednnEnvironment);

}  // namespace unet
