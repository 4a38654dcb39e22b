// Temperature scaling: the number, its place in a checkpoint, and the probabilities that it changes.

#include "app/scores/temperature.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/evaluation/logit_sampler.h"
#include "app/evaluation/metric_set.h"
#include "app/inference/segmenter.h"
#include "app/scores/best_score.h"
#include "configs/schema/ignore_label.h"
#include "data/samples/rng.h"
#include "tests/support/error_text.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

/// Pixels whose labels are drawn from softmax(logits / temperature).
LogitSample drawn_sample(double temperature, int64_t classes, int64_t pixels) {
  Rng rng(5);
  LogitSample sample;
  sample.num_classes = classes;
  for (int64_t i = 0; i < pixels; ++i) {
    std::vector<double> weights;
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) {
      sample.logits.push_back(static_cast<float>(4 * rng.normal()));
      weights.push_back(std::exp(static_cast<double>(sample.logits.back()) / temperature));
      sum += weights.back();
    }
    double left = rng.uniform() * sum;
    uint8_t label = 0;
    while (label + 1 < classes && left >= weights[label]) left -= weights[label++];
    sample.labels.push_back(label);
  }
  return sample;
}

TEST(Temperature, OfLabelsDrawnAtAKnownOneIsFound) {
  for (const double temperature : {0.5, 1.0, 2.5})
    for (const int64_t classes : {2, 5}) {
      const Calibration found = calibrate(drawn_sample(temperature, classes, 20000)).value();
      EXPECT_NEAR(found.temperature, temperature, 0.05 * temperature) << classes << " classes";
      EXPECT_LT(found.error_after, 0.015);
      EXPECT_EQ(found.pixels, 20000);
      if (temperature == 1) continue;
      EXPECT_LT(found.error_after, 0.5 * found.error_before);
    }
}

TEST(Temperature, HasTheSmallestLikelihoodOfAHandCase) {
  // Three of four pixels are right, all with logits (0, 2): the best probability is 3/4, so T = 2 / log(3).
  const LogitSample sample{2, {0, 2, 0, 2, 0, 2, 0, 2}, {1, 1, 1, 0}};
  EXPECT_NEAR(fit_temperature(sample), 2 / std::log(3.0), 1e-4);
  const Calibration found = calibrate(sample).value();
  EXPECT_NEAR(found.error_before, 1 / (1 + std::exp(-2.0)) - 0.75, 1e-9);
  EXPECT_NEAR(found.error_after, 0, 1e-4);
}

TEST(Temperature, StaysWithinItsLimits) {
  EXPECT_NEAR(fit_temperature({2, {0, 1, 3, 0}, {1, 0}}), kLowestTemperature, 1e-4) << "all right";
  EXPECT_NEAR(fit_temperature({2, {0, 1, 3, 0}, {0, 1}}), kHighestTemperature, 1e-2) << "all wrong";
  EXPECT_EQ(fit_temperature({2, {1, 1, 0, 0}, {0, 1}}), 1) << "it makes no difference";
  EXPECT_FALSE(calibrate({2, {}, {}}).has_value());
  EXPECT_FALSE(calibrate({2, {0, std::nanf("")}, {1}}).has_value());
}

TEST(Temperature, IsReadFromItsJson) {
  EXPECT_EQ(temperature_of(nlohmann::json()), 1);
  EXPECT_EQ(temperature_of(to_json(Calibration{1.5, 0.1, 0.05, 7})), 1.5);
  for (const auto& damaged :
       {nlohmann::json{{"temperature", 0}}, nlohmann::json{{"temperature", "2"}}, nlohmann::json(3)})
    EXPECT_FALSE(error_text(ErrorKind::data, [&] { temperature_of(damaged); }).empty()) << damaged;
}

TEST(LogitSampler, DrawsTheSameLabeledPixelsOfEveryLayoutAndLogitCount) {
  cv::Mat truth(20, 30, CV_8UC1, cv::Scalar(1));
  truth(cv::Rect(0, 0, 15, 20)).setTo(cv::Scalar(kIgnoreLabel));
  const auto logits = torch::arange(2 * 20 * 30, torch::kFloat).view({1, 2, 20, 30});
  LogitSampler contiguous(3, 10, 2), channels_last(3, 10, 2);
  contiguous.add(4, truth, logits);
  channels_last.add(4, truth, logits.contiguous(torch::MemoryFormat::ChannelsLast));
  const LogitSample& sample = contiguous.sample();
  EXPECT_EQ(sample.logits, channels_last.sample().logits);
  const int64_t drawn = (32768 + 9) / 10;
  EXPECT_NEAR(static_cast<double>(sample.labels.size()), 0.5 * static_cast<double>(drawn), 300);
  ASSERT_EQ(sample.logits.size(), 2 * sample.labels.size());
  for (size_t i = 0; i < sample.labels.size(); ++i) {
    const auto position = static_cast<int64_t>(sample.logits[2 * i]);
    ASSERT_EQ(sample.logits[2 * i + 1], sample.logits[2 * i] + 600);
    ASSERT_GE(position % 30, 15) << "an ignored pixel";
  }
}

TEST(LogitSampler, OneLogitCountsAsTwoClasses) {
  const cv::Mat truth(2, 2, CV_8UC1, cv::Scalar(1));
  LogitSampler sampler(0, 32768, 2);
  sampler.add(0, truth, torch::full({1, 1, 2, 2}, 3.0));
  EXPECT_EQ(sampler.sample().logits, (std::vector<float>{0, 3}));
  EXPECT_EQ(sampler.sample().labels, std::vector<uint8_t>{1});
}

TEST(LogitSampler, ItsSizeIsBounded) {
  const cv::Mat truth(4, 4, CV_8UC1, cv::Scalar(0));
  LogitSampler many_images(0, 1, 2), many_classes(0, 1, 128);
  for (size_t i = 0; i < 3; ++i) {
    many_images.add(i, truth, torch::zeros({1, 2, 4, 4}));
    many_classes.add(i, truth, torch::zeros({1, 128, 4, 4}));
  }
  EXPECT_EQ(many_images.sample().labels.size(), 32768u);
  EXPECT_EQ(many_classes.sample().logits.size(), size_t{1} << 19);
}

TEST(Segmenter, ProbabilitiesAreThoseOfTheTemperature) {
  const auto logits = torch::tensor({0.0F, 4.0F}).view({1, 2, 1, 1});
  EXPECT_FLOAT_EQ(Segmenter::probabilities(logits, 2)[1][0][0].item<float>(), 1 / (1 + std::exp(-2.0F)));
  EXPECT_FLOAT_EQ(Segmenter::probabilities(torch::full({1, 1, 1, 1}, 4.0F), 2)[1][0][0].item<float>(),
                  1 / (1 + std::exp(-2.0F)));
  EXPECT_TRUE(torch::equal(Segmenter::probabilities(logits, 1), Segmenter::probabilities(logits)));
}

TEST(MetricSet, TakesProbabilitiesAtItsTemperature) {
  // Logits (0, 2), the truth is class 1 in 3 of 4 pixels: calibrated at T = 2 / log(3).
  const cv::Mat truth = (cv::Mat_<uint8_t>(2, 2) << 1, 1, 1, 0), prediction(2, 2, CV_8UC1, cv::Scalar(1));
  const auto logits = torch::tensor({0.0F, 2.0F}).view({1, 2, 1, 1}).expand({1, 2, 2, 2});
  MetricSet before({"calibration_error"}, 2), after({"calibration_error"}, 2, 2 / std::log(3.0));
  before.add(truth, prediction, logits);
  after.add(truth, prediction, logits);
  EXPECT_NEAR(summary(before.scores().at(0)).at(0).value.value(), 1 / (1 + std::exp(-2.0)) - 0.75, 1e-6);
  EXPECT_NEAR(summary(after.scores().at(0)).at(0).value.value(), 0, 1e-6);
}

TEST(TemperatureScaling, IsInTheCheckpointAndSurvivesAResume) {
  TinyTraining training;
  const auto end = training.run();
  const Checkpoint checkpoint = checkpoint_from_bytes(end.checkpoint, "test");
  EXPECT_GT(temperature_of(checkpoint.calibration), 0);
  EXPECT_GT(checkpoint.calibration.at("pixels"), 0);
  const auto stopped = training.run("", 9);  // between two validations
  EXPECT_FALSE(checkpoint_from_bytes(stopped.checkpoint, "test").calibration.is_null());
  EXPECT_EQ(training.run(stopped.checkpoint).checkpoint, end.checkpoint);
}

TEST(TemperatureScaling, ChangesNothingElseInACheckpoint) {
  const auto checkpoint_with = [](const char* value) {
    TinyTraining training({concat("train.temperature_scaling=", value)});
    return checkpoint_from_bytes(training.run("", 9).checkpoint, "test");
  };
  const Checkpoint on = checkpoint_with("true"), off = checkpoint_with("false");
  EXPECT_TRUE(off.calibration.is_null());
  EXPECT_EQ(on.state, off.state);
  EXPECT_EQ(on.scores, off.scores);
  for (const auto& [name, tensor] : on.weights) EXPECT_TRUE(torch::equal(tensor, off.weights.at(name))) << name;
  for (const auto& [name, tensor] : on.optimizer) EXPECT_TRUE(torch::equal(tensor, off.optimizer.at(name))) << name;
}

TEST(Checkpoint, WithoutACalibrationHasTheFormatOfEarlierPrograms) {
  Checkpoint checkpoint;
  const auto version = [&] {
    const std::string bytes = to_bytes(checkpoint);
    return bytes.find(R"(\"version\":2)") != std::string::npos ? 2 : 3;
  };
  EXPECT_EQ(version(), 2);
  EXPECT_TRUE(checkpoint_from_bytes(to_bytes(checkpoint), "test").calibration.is_null());
  checkpoint.calibration = to_json(Calibration{1.5, 0.1, 0.05, 7});
  EXPECT_EQ(version(), 3);
  EXPECT_EQ(checkpoint_from_bytes(to_bytes(checkpoint), "test").calibration, checkpoint.calibration);
}

TEST(BestBy, TheSmallestDistanceSelectsTheBestCheckpointAcrossAResume) {
  TinyTraining training(
      {"train.best_by=mean_foreground_hausdorff_95", "train.schedule=plateau", "train.metrics=[instance_ap]"});
  struct Observer : TrainingObserver {
    std::vector<std::pair<int64_t, double>> scores;
    void validated(const ValidationReport& report) override {
      scores.emplace_back(report.state.step, find_score(*report.scores, "mean_foreground_hausdorff_95").value_or(1e9));
      EXPECT_EQ(report.scores->metrics.size(), 2u);
    }
  } observer;
  std::string halfway, last;
  const auto save = [&](const Checkpoint& checkpoint, const TrainingState& state) {
    last = to_bytes(checkpoint);
    if (state.step == 21) halfway = last;
  };
  Trainer trainer(training.config(), training.data(), choose_execution("cpu", Precision::fp32), observer, save,
                  start_run_clock());
  trainer.run([] { return false; });
  ASSERT_GT(observer.scores.size(), 3u);
  std::pair<int64_t, double> best{0, 1e10};
  for (const auto& [step, score] : observer.scores)
    if (score < best.second) best = {step, score};
  EXPECT_EQ(trainer.state().early_stopping.best_step, best.first);
  ASSERT_LT(best.second, 1e9) << "nothing was predicted";
  EXPECT_EQ(trainer.state().early_stopping.best_score, -best.second);
  const std::string uninterrupted = last;
  ASSERT_FALSE(halfway.empty());
  SilentObserver silent;
  Trainer resumed(training.config(), training.data(), choose_execution("cpu", Precision::fp32), silent, save,
                  start_run_clock());
  resumed.restore(checkpoint_from_bytes(halfway, "test"));
  resumed.run([] { return false; });
  EXPECT_EQ(last, uninterrupted);
}

}  // namespace
}  // namespace unet
