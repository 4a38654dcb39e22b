// Metrics beyond the confusion matrix. The numbers come from scripts/reference/metrics.py.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/scores/best_score.h"
#include "app/scores/boundary_f1.h"
#include "app/scores/hausdorff.h"
#include "app/scores/instances.h"
#include "app/scores/metric.h"
#include "app/scores/metric_names.h"
#include "app/scores/skeleton.h"
#include "configs/schema/ignore_label.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

constexpr int kRows = 40, kColumns = 48;
constexpr double kExact = 1e-12;

template <class LabelOf>
cv::Mat drawn_labels(const LabelOf& label_of) {
  cv::Mat labels(kRows, kColumns, CV_8UC1);
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < kColumns; ++x) labels.at<uint8_t>(y, x) = static_cast<uint8_t>(label_of(y, x));
  return labels;
}

bool in_disc(int y, int x, int row, int column, int square) {
  return (y - row) * (y - row) + (x - column) * (x - column) <= square;
}

/// Confidence 0.4 + 0.59 * ((7 * row + 3 * column) mod 16) / 15 in the predicted class, nothing in the others.
std::vector<cv::Mat> drawn_probabilities(const cv::Mat& prediction) {
  std::vector<cv::Mat> probabilities;
  for (int c = 0; c < 3; ++c) probabilities.emplace_back(kRows, kColumns, CV_32FC1, cv::Scalar(0));
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < kColumns; ++x)
      probabilities[prediction.at<uint8_t>(y, x)].at<float>(y, x) =
          static_cast<float>(0.4 + 0.59 * ((7 * y + 3 * x) % 16) / 15);
  return probabilities;
}

/// Two images of three classes: the first has ignored columns, the second no true pixels of class 2.
std::vector<PredictedImage> metric_scenes() {
  const cv::Mat truth = drawn_labels([](int y, int x) {
    if (x < 7) return static_cast<int>(kIgnoreLabel);
    if (y >= 28 && y < 32 && x < 44) return 2;
    return in_disc(y, x, 12, 14, 64) || in_disc(y, x, 12, 34, 49) ? 1 : 0;
  });
  const cv::Mat prediction = drawn_labels([](int y, int x) {
    if ((y >= 27 && y < 31 && x >= 3 && x < 40) || in_disc(y, x, 36, 40, 4)) return 2;
    return in_disc(y, x, 13, 15, 56) || in_disc(y, x, 9, 41, 49) || in_disc(y, x, 20, 2, 9) ? 1 : 0;
  });
  const cv::Mat second = drawn_labels([](int y, int x) { return in_disc(y, x, 20, 20, 100) ? 1 : 0; });
  const cv::Mat second_prediction = drawn_labels([](int y, int x) {
    return y < 3 && x > 40 ? 2 : in_disc(y, x, 20, 22, 81) ? 1 : 0;
  });
  return {{truth, prediction, drawn_probabilities(prediction)},
          {second, second_prediction, drawn_probabilities(second_prediction)}};
}

MetricScores scores_of(const std::string& name, const std::vector<PredictedImage>& images) {
  const MetricRow& row = find_metric(name);
  const auto metric = row.make(3);
  for (const PredictedImage& image : images) metric->add(image);
  return {&row, metric->result()};
}

void expect_values(const MetricValues& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (size_t c = 0; c < expected.size(); ++c)
    EXPECT_NEAR(values[c].value_or(-1), expected[c], 1e-6 * std::max(1.0, expected[c])) << "class " << c;
}

TEST(Metrics, BoundaryF1) {
  expect_values(scores_of("boundary_f1", metric_scenes()).result.scores.at(0),
                {0.6318181818181818, 0.5321619832721584, 0.838810641627543});
}

TEST(Metrics, TheToleranceOfBoundariesFollowsTheDiagonal) {
  EXPECT_EQ(boundary_tolerance({32, 32}), 1);
  EXPECT_DOUBLE_EQ(boundary_tolerance({3000, 4000}), 37.5);
}

TEST(Metrics, Hausdorff95) {
  const MetricScores scores = scores_of("hausdorff_95", metric_scenes());
  expect_values(scores.result.scores.at(0), {3.5355339059327378, 5.035533905932738, 5.0});
  EXPECT_EQ(scores.result.undefined_images, (std::vector<int64_t>{0, 0, 1}));
}

TEST(Metrics, PercentilesAreInterpolatedAsInNumpy) {
  std::vector<float> values{5, 1, 4, 2, 3};
  EXPECT_NEAR(percentile(values, 95), 4.8, kExact);
  EXPECT_NEAR(percentile(values, 0), 1, kExact);
  EXPECT_NEAR(percentile(values, 100), 5, kExact);
}

TEST(Metrics, InstanceAp) {
  const MetricScores scores = scores_of("instance_ap", metric_scenes());
  expect_values(scores.result.scores.at(0), {0.6333333333333333, 0.27, 0.03333333333333333});
  expect_values(scores.result.scores.at(1), {1, 0.5, 1.0 / 3});
}

TEST(Metrics, PanopticQuality) {
  const MetricScores scores = scores_of("panoptic_quality", metric_scenes());
  expect_values(scores.result.scores.at(0), {0.841138659526673, 0.5074979577546972, 0.27348066298342544});
  expect_values(scores.result.scores.at(1), {0.841138659526673, 0.7612469366320458, 0.5469613259668509});
  expect_values(scores.result.scores.at(2), {1, 2.0 / 3, 0.5});
}

TEST(Metrics, CenterlineDice) {
  expect_values(scores_of("centerline_dice", metric_scenes()).result.scores.at(0),
                {0.9471925393433068, 2.0 / 3, 0.8985507246376813});
}

TEST(Metrics, CalibrationError) {
  expect_values(scores_of("calibration_error", metric_scenes()).result.scores.at(0), {0.20744606238904967});
}

TEST(Metrics, TheTableHasTheNamesOfTheCommandLine) {
  EXPECT_EQ(metric_names(), std::vector<std::string>(std::begin(kMetricNames), std::end(kMetricNames)));
  for (const MetricRow& row : metric_rows()) {
    const auto result = row.make(3)->result();
    ASSERT_EQ(result.scores.size(), row.scores.size()) << row.name;
    for (const MetricValues& values : result.scores) {
      EXPECT_EQ(values.size(), row.per_class ? 3u : 1u) << row.name;
      for (const auto& value : values) EXPECT_FALSE(value.has_value()) << row.name << " without images";
    }
  }
}

TEST(Metrics, AnUnknownNameIsRefusedWithASuggestion) {
  const std::string text = error_text(ErrorKind::config, [] { find_metric("boundry_f1"); });
  EXPECT_NE(text.find("Did you mean 'boundary_f1'?"), std::string::npos) << text;
}

/// The images with a prediction that equals the truth, and is arbitrary where that is ignored.
std::vector<PredictedImage> perfect_scenes() {
  std::vector<PredictedImage> images = metric_scenes();
  for (PredictedImage& image : images) {
    image.prediction = image.truth.clone();
    image.prediction.setTo(cv::Scalar(1), image.truth == static_cast<int>(kIgnoreLabel));
    for (int c = 0; c < 3; ++c) {
      const cv::Mat mask = image.prediction == c;
      mask.convertTo(image.probabilities[static_cast<size_t>(c)], CV_32F, 1.0 / 255);
    }
  }
  return images;
}

TEST(Metrics, APerfectPredictionHasTheBestValue) {
  for (const MetricRow& row : metric_rows()) {
    const MetricScores scores = scores_of(row.name, perfect_scenes());
    for (const MetricValues& values : scores.result.scores)
      for (const auto& value : values) EXPECT_EQ(value.value_or(-1), row.larger_is_better ? 1 : 0) << row.name;
  }
}

TEST(Metrics, MaskAndPredictionAreSymmetricWithoutIgnoredPixels) {
  const cv::Mat a = drawn_labels([](int y, int x) {
    return in_disc(y, x, 12, 14, 64) ? 1 : in_disc(y, x, 28, 30, 81) ? 2 : 0;
  });
  const cv::Mat b = drawn_labels([](int y, int x) {
    return in_disc(y, x, 13, 16, 60) ? 1 : in_disc(y, x, 29, 32, 90) ? 2 : 0;
  });
  for (const MetricRow& row : metric_rows()) {
    if (row.needs_probabilities) continue;
    const auto forward = scores_of(row.name, {{a, b}}).result.scores,
               back = scores_of(row.name, {{b, a}}).result.scores;
    for (size_t i = 0; i < forward.size(); ++i)
      for (size_t c = 0; c < 3; ++c)
        EXPECT_NEAR(forward[i][c].value_or(-1), back[i][c].value_or(-1), kExact) << row.name << ", class " << c;
  }
}

TEST(Metrics, AClassThatIsNowhereIsUndefined) {
  const PredictedImage image{cv::Mat(8, 8, CV_8UC1, cv::Scalar(0)), cv::Mat(8, 8, CV_8UC1, cv::Scalar(0))};
  for (const MetricRow& row : metric_rows()) {
    if (row.needs_probabilities) continue;
    for (const MetricValues& values : scores_of(row.name, {image}).result.scores)
      EXPECT_FALSE(values[2].has_value()) << row.name;
  }
}

TEST(Metrics, MeansAreOverTheDefinedClasses) {
  EXPECT_DOUBLE_EQ(mean_of_defined({1.0, std::nullopt, 0.5}).value(), 0.75);
  EXPECT_DOUBLE_EQ(mean_of_defined({1.0, std::nullopt, 0.5}, 1).value(), 0.5);
  EXPECT_FALSE(mean_of_defined({std::nullopt}).has_value());
}

TEST(Instances, ComponentsTouchDiagonallyAndIgnoredOnesDoNotCount) {
  const cv::Mat truth = (cv::Mat_<uint8_t>(3, 6) << 1, 0, 0, 255, 255, 255,  //
                         0, 1, 0, 255, 255, 255,                             //
                         0, 0, 0, 0, 0, 0);
  const cv::Mat prediction = (cv::Mat_<uint8_t>(3, 6) << 1, 0, 0, 0, 1, 1,  //
                              0, 1, 0, 0, 1, 1,                             //
                              0, 0, 0, 0, 0, 1);
  const InstanceMatches matches = match_instances(truth, prediction, 1);
  EXPECT_EQ(matches.truths, 1);
  EXPECT_EQ(matches.predictions, 1) << "the other one lies in ignored pixels for the most part";
  ASSERT_EQ(matches.pairs.size(), 1u);
  EXPECT_EQ(matches.pairs[0].intersected, 2);
  EXPECT_EQ(matches.pairs[0].united, 2);
}

TEST(Instances, AnIouOfExactlyOneHalfIsNoMatch) {
  const cv::Mat truth = (cv::Mat_<uint8_t>(1, 4) << 1, 1, 0, 0), prediction = (cv::Mat_<uint8_t>(1, 4) << 1, 0, 0, 0);
  EXPECT_TRUE(match_instances(truth, prediction, 1).pairs.empty());
}

TEST(Skeleton, ThinsAsZhangAndSuen) {
  cv::Mat mask(12, 16, CV_8UC1, cv::Scalar(0));
  mask(cv::Rect(1, 1, 14, 3)).setTo(cv::Scalar(255));
  mask(cv::Rect(6, 3, 4, 8)).setTo(cv::Scalar(255));
  cv::Mat expected(12, 16, CV_8UC1, cv::Scalar(0));
  expected(cv::Rect(2, 2, 11, 1)).setTo(cv::Scalar(255));
  expected(cv::Rect(7, 3, 1, 6)).setTo(cv::Scalar(255));
  EXPECT_EQ(cv::countNonZero(skeleton(mask) != expected), 0) << skeleton(mask);
}

TEST(Skeleton, KeepsOnePixelOfASmallSquareAndAllOfALine) {
  cv::Mat square(6, 6, CV_8UC1, cv::Scalar(0));
  square(cv::Rect(2, 2, 2, 2)).setTo(cv::Scalar(1));
  EXPECT_EQ(cv::countNonZero(skeleton(square)), 1);
  cv::Mat line(6, 6, CV_8UC1, cv::Scalar(0));
  line.row(0).setTo(cv::Scalar(1));
  EXPECT_EQ(cv::countNonZero(skeleton(line)), 6);
  EXPECT_EQ(cv::countNonZero(skeleton(cv::Mat(5, 4, CV_8UC1, cv::Scalar(0)))), 0);
}

Scores scores_with(const std::string& metric, const std::vector<PredictedImage>& images) {
  ConfusionMatrix counts(3);
  for (const PredictedImage& image : images) counts.add(image.truth, image.prediction);
  Scores scores = compute_scores(counts, {"back", "disc", "bar"});
  scores.metrics = {scores_of(metric, images)};
  return scores;
}

TEST(BestScore, EveryNameIsInTheJsonOnceItsMetricIsComputed) {
  const auto names = best_by_names();
  EXPECT_EQ(names.size(), score_names().size() + 2 * 8 + 1);
  for (const std::string& name : names) {
    const MetricRow* row = metric_of_summary(name);
    const Scores scores = scores_with(row == nullptr ? "boundary_f1" : row->name, metric_scenes());
    ASSERT_TRUE(to_json(scores).contains(name)) << name;
    EXPECT_EQ(to_json(scores)[name], find_score(scores, name).value()) << name;
  }
}

TEST(BestScore, OfDistancesAndErrorsTheSmallestIsBest) {
  for (const std::string& name : best_by_names()) {
    const MetricRow* row = metric_of_summary(name);
    const std::string metric = row == nullptr ? "boundary_f1" : row->name;
    const double perfect = comparable_score(scores_with(metric, perfect_scenes()), name);
    const double worse = comparable_score(scores_with(metric, metric_scenes()), name);
    EXPECT_GE(perfect, worse) << name;
    EXPECT_GT(worse, worst_comparable_score(name)) << name;
  }
}

TEST(BestScore, AnUndefinedScoreIsTheWorstButCanBeTheFirst) {
  const PredictedImage image{cv::Mat(8, 8, CV_8UC1, cv::Scalar(1)), cv::Mat(8, 8, CV_8UC1, cv::Scalar(0))};
  const double undefined = comparable_score(scores_with("hausdorff_95", {image}), "mean_hausdorff_95");
  EXPECT_GT(undefined, worst_comparable_score("mean_hausdorff_95"));
  EXPECT_LT(undefined, -1e9);
  EXPECT_EQ(score_text("mean_hausdorff_95", undefined), "undefined");
  EXPECT_EQ(score_text("mean_hausdorff_95", -12.5), "12.5000");
  EXPECT_EQ(score_text("mean_iou", 0.25), "0.2500");
}

TEST(BestScore, TheMetricOfBestByIsComputedToo) {
  EXPECT_EQ(metrics_to_compute({}, "mean_iou"), std::vector<std::string>{});
  EXPECT_EQ(metrics_to_compute({"calibration_error", "hausdorff_95"}, "mean_foreground_instance_ap50"),
            (std::vector<std::string>{"hausdorff_95", "instance_ap", "calibration_error"}));
}

TEST(MetricReport, ClassesHaveTheirScoresAndUndefinedImagesAreSaid) {
  const Scores scores = scores_with("hausdorff_95", metric_scenes());
  const auto json = to_json(scores);
  EXPECT_EQ(json["classes"][2]["hausdorff_95"], scores.metrics[0].result.scores[0][2].value());
  EXPECT_EQ(json["classes"][2]["hausdorff_95_undefined_images"], 1);
  EXPECT_NE(to_table(scores).find("bar in 1 image"), std::string::npos) << to_table(scores);
  EXPECT_NE(to_table(scores).find("HD95"), std::string::npos);
}

TEST(MetricReport, WithoutMetricsNothingIsAdded) {
  Scores scores = scores_with("boundary_f1", metric_scenes());
  scores.metrics.clear();
  EXPECT_FALSE(to_json(scores)["classes"][0].contains("boundary_f1"));
  EXPECT_EQ(to_json(scores).size(), score_names().size() + 1);
}

}  // namespace
}  // namespace unet
