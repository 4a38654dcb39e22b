#include "app/inference/segmenter.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "app/evaluation/evaluator.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

TEST(Segmenter, OneLogitIsThresholdedAtZero) {
  const auto logits = torch::tensor({-1.0F, 0.5F, 2.0F}).view({1, 1, 1, 3});
  const cv::Mat classes = Segmenter::classes(logits);
  EXPECT_EQ(classes.at<uint8_t>(0, 0), 0);
  EXPECT_EQ(classes.at<uint8_t>(0, 1), 1);
  const auto probabilities = Segmenter::probabilities(logits);
  EXPECT_EQ(probabilities.sizes(), (std::vector<int64_t>{2, 1, 3}));
  EXPECT_FLOAT_EQ(probabilities[1][0][2].item<float>(), 1 / (1 + std::exp(-2.0F)));
}

TEST(Segmenter, LogitsHaveTheSizeOfTheImageUnderEveryPolicy) {
  for (const char* policy : {"crop", "resize", "pad"}) {
    TinyTraining training({std::string("data.size_policy=") + policy});
    Network network(describe_unet(training.config().model, 3));
    const Preprocessing preprocessing(training.config().data);
    Segmenter segmenter(network, preprocessing, Execution{});
    const auto logits = segmenter.logits(cv::Mat(17, 41, CV_8UC3, cv::Scalar(10, 20, 30)));
    EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{1, 3, 17, 41})) << policy;
  }
}

TEST(Evaluator, EveryPixelOfTheSetIsCounted) {
  TinyTraining training;
  Network network(describe_unet(training.config().model, 3));
  const Preprocessing preprocessing(training.config().data);
  Segmenter segmenter(network, preprocessing, Execution{});
  const auto counts = evaluate(segmenter, preprocessing, training.data().train,
                               [](size_t, const Sample&, const cv::Mat&) { return true; });
  int64_t pixels = 0;
  for (int64_t truth = 0; truth < 3; ++truth)
    for (int64_t prediction = 0; prediction < 3; ++prediction) pixels += counts->at(truth, prediction);
  EXPECT_EQ(pixels, static_cast<int64_t>(training.data().train.size()) * 32 * 32);
}

}  // namespace
}  // namespace unet
