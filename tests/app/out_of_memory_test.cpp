#include "app/runtime/out_of_memory.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>

namespace unet {
namespace {

/// Whether LibTorch's exception with this message reports that memory ran out.
bool is_recognized(const std::string& message) {
  try {
    TORCH_CHECK(false, message);
  } catch (const std::exception& error) {
    return is_out_of_memory(error);
  }
  return false;
}

TEST(OutOfMemoryErrors, OfEveryLibraryAreRecognized) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(is_out_of_memory(cv::Exception(cv::Error::StsNoMem, "", "", "", 0)));
  EXPECT_TRUE(is_recognized("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"));
}

TEST(OutOfMemoryErrors, OtherErrorsAreNone) {
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("out of memory")));
  EXPECT_FALSE(is_out_of_memory(cv::Exception(cv::Error::StsBadArg, "", "", "", 0)));
  EXPECT_FALSE(is_recognized("sizes differ"));
}

}  // namespace
}  // namespace unet
