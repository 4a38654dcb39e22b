#include "app/run/time_left.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

TEST(TimeLeft, LeavesOutTheFirstStep) {
  TimeLeft left;
  left.stepped(100);
  EXPECT_EQ(left.seconds_left(1, 11, 100), std::nullopt);
  left.stepped(2);
  left.stepped(4);
  EXPECT_DOUBLE_EQ(*left.seconds_left(3, 13, 100), 30);
}

TEST(TimeLeft, CountsTheValidationsThatAreLeft) {
  TimeLeft left;
  left.stepped(1);
  left.stepped(1);
  left.validated(10);
  EXPECT_DOUBLE_EQ(*left.seconds_left(10, 30, 10), 20 + 20);
  EXPECT_DOUBLE_EQ(*left.seconds_left(10, 35, 10), 25 + 30) << "the last step is followed by a validation";
  EXPECT_DOUBLE_EQ(*left.seconds_left(30, 30, 10), 0);
}

TEST(TimeLeft, IsShownAfterTenStepsAndThenLessAndLessOften) {
  TimeLeft left;
  for (int step = 1; step < 10; ++step) {
    left.stepped(1);
    EXPECT_FALSE(left.is_due(step)) << step;
  }
  left.stepped(1);
  EXPECT_TRUE(left.is_due(10));
  EXPECT_FALSE(left.is_due(69));
  EXPECT_TRUE(left.is_due(70));
  EXPECT_FALSE(left.is_due(189));
  EXPECT_TRUE(left.is_due(190));
  double last = 190;
  for (double now = 191; now < 10000; ++now)
    if (left.is_due(now)) {
      EXPECT_LE(now - last, 600);
      last = now;
    }
  EXPECT_GT(last, 9000);
}

}  // namespace
}  // namespace unet
