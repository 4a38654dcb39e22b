#include "app/runtime/progress_bar.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

TEST(ProgressBar, DurationsAreFormattedAsAClock) {
  EXPECT_EQ(duration_text(0.4), "0:00");
  EXPECT_EQ(duration_text(59.6), "1:00");
  EXPECT_EQ(duration_text(3599), "59:59");
  EXPECT_EQ(duration_text(3909), "1:05:09");
  EXPECT_EQ(duration_text(-5), "0:00");
}

TEST(ProgressBar, TheTimeLeftComesFirst) {
  EXPECT_EQ(progress_line("training", 0.5, "loss 1", 62).rfind("1:02 left  training [============ ", 0), 0u);
  EXPECT_EQ(progress_line("reading", 1, "", std::nullopt), "reading [========================] 100%");
}

}  // namespace
}  // namespace unet
