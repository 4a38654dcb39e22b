// The option reference in configs/ is generated from the program's options.

#include <gtest/gtest.h>

#include "tests/support/program.h"

namespace unet {
namespace {

TEST(OptionReference, IsUpToDate) {
  if (run_shell("command -v python3").code != 0) GTEST_SKIP() << "python3 is not installed";
  const Outcome check =
      run_shell("UNET_PROGRAM=" + shell_quoted(UNET_PROGRAM) + " " +
                shell_quoted(std::string(UNET_SOURCE_DIR) + "/scripts/option_reference.sh") + " --check");
  EXPECT_EQ(check.code, 0) << check.err;
}

}  // namespace
}  // namespace unet
