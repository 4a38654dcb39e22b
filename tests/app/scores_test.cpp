#include "app/scores/scores.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

cv::Mat row(std::vector<uint8_t> values) { return cv::Mat(values, true).reshape(1, 1); }

TEST(Scores, MatchASmallCaseCountedByHand) {
  ConfusionMatrix counts(2);
  counts.add(row({1, 1, 1, 0, 0, 0, 0, 0}), row({1, 1, 0, 1, 0, 0, 0, 0}));
  const Scores scores = compute_scores(counts, {"a", "b"});
  EXPECT_DOUBLE_EQ(*scores.classes[1].iou, 2.0 / 4);
  EXPECT_DOUBLE_EQ(*scores.classes[1].dice, 4.0 / 6);
  EXPECT_DOUBLE_EQ(*scores.classes[1].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*scores.classes[1].recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*scores.classes[0].iou, 4.0 / 6);
  EXPECT_DOUBLE_EQ(*scores.mean_iou, (2.0 / 4 + 4.0 / 6) / 2);
  EXPECT_DOUBLE_EQ(*scores.mean_foreground_dice, 4.0 / 6);
  EXPECT_DOUBLE_EQ(*scores.pixel_accuracy, 6.0 / 8);
}

TEST(Scores, DiceIsNotJaccard) {
  ConfusionMatrix counts(2);
  counts.add(row({1, 1, 0}), row({1, 0, 0}));
  const Scores scores = compute_scores(counts, {"a", "b"});
  EXPECT_DOUBLE_EQ(*scores.classes[1].dice, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*scores.classes[1].iou, 1.0 / 2);
}

TEST(Scores, IgnoredPixelsDoNotCount) {
  ConfusionMatrix with_ignored(2), without_ignored(2);
  with_ignored.add(row({1, 0, kIgnoreLabel, kIgnoreLabel}), row({1, 1, 1, 0}));
  without_ignored.add(row({1, 0}), row({1, 1}));
  EXPECT_EQ(to_json(compute_scores(with_ignored, {"a", "b"})), to_json(compute_scores(without_ignored, {"a", "b"})));
}

TEST(Scores, AnAbsentClassIsUndefinedAndExcludedFromTheMean) {
  ConfusionMatrix counts(3);
  counts.add(row({0, 0, 1, 1}), row({0, 0, 1, 2}));
  const Scores scores = compute_scores(counts, {"a", "b", "never there"});
  EXPECT_FALSE(scores.classes[2].iou.has_value());
  EXPECT_FALSE(scores.classes[2].dice.has_value());
  EXPECT_DOUBLE_EQ(*scores.mean_iou, (1.0 + 0.5) / 2);
  EXPECT_NE(to_table(scores).find("excluded from the means: never there"), std::string::npos);
  EXPECT_TRUE(to_json(scores)["classes"][2]["dice"].is_null());
}

TEST(Scores, CountsAreSummedOverTheSetBeforeTheRatio) {
  // The mean over images would be (1 + 0) / 2.
  ConfusionMatrix counts(2);
  counts.add(row({1, 1, 1, 1, 1, 1}), row({1, 1, 1, 1, 1, 1}));
  counts.add(row({1, 0}), row({0, 0}));
  EXPECT_DOUBLE_EQ(*compute_scores(counts, {"a", "b"}).classes[1].iou, 6.0 / 7);
}

TEST(Scores, NothingPredictedLeavesPrecisionUndefined) {
  ConfusionMatrix counts(2);
  counts.add(row({1, 1, 0}), row({0, 0, 0}));
  const Scores scores = compute_scores(counts, {"a", "b"});
  EXPECT_FALSE(scores.classes[1].precision.has_value());
  EXPECT_DOUBLE_EQ(*scores.classes[1].recall, 0);
}

TEST(Scores, EveryNamedScoreIsInTheJson) {
  ConfusionMatrix counts(2);
  counts.add(row({1, 0}), row({1, 0}));
  const Scores scores = compute_scores(counts, {"a", "b"});
  for (const auto& name : score_names()) EXPECT_EQ(to_json(scores)[name], score_by_name(scores, name).value()) << name;
}

}  // namespace
}  // namespace unet
