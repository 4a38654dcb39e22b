// Properties of the losses beside cross entropy and Dice, and small cases computed by hand.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "models/losses/soft_skeleton.h"
#include "tests/support/error_text.h"
#include "tests/support/loss_cases.h"

namespace unet {
namespace {

double value_of(const std::string& term, const torch::Tensor& logits, const torch::Tensor& labels) {
  return evaluate(loss_of_term(term), logits, labels).value;
}

void expect_equal_losses(const std::string& term, const std::string& expected) {
  const auto labels = some_labels();
  const auto actual_result = evaluate(loss_of_term(term), some_logits(3), labels);
  const auto expected_result = evaluate(loss_of_term(expected), some_logits(3), labels);
  EXPECT_NEAR(actual_result.value, expected_result.value, 1e-6) << term;
  EXPECT_TRUE(torch::allclose(actual_result.gradient, expected_result.gradient, 1e-5, 1e-7)) << term;
}

/// Row of pixels (1,1,W) of these classes.
torch::Tensor row_of(const std::vector<int64_t>& classes) { return torch::tensor(classes).view({1, 1, -1}); }

/// One logit for each pixel of a row, from the probabilities of class 1.
torch::Tensor row_of_logits(const std::vector<double>& probability) {
  const auto p = torch::tensor(probability, torch::kDouble);
  return (p.log() - (1 - p).log()).to(torch::kFloat).view({1, 1, 1, -1});
}

TEST(FocalLoss, IsCrossEntropyForGammaZero) {
  expect_equal_losses("{name: focal, gamma: 0}", "cross_entropy");
  expect_equal_losses("{name: focal, gamma: 0, class_weights: [0.5, 2, 3]}",
                      "{name: cross_entropy, class_weights: [0.5, 2, 3]}");
}

TEST(FocalLoss, CountsAPixelByThePowerOfItsDoubt) {
  const double expected = (0.25 * std::log(2.0) - 0.04 * std::log(0.8)) / 2;
  EXPECT_NEAR(value_of("focal", row_of_logits({0.5, 0.2}), row_of({1, 0})), expected, 1e-6);
}

TEST(TopKCrossEntropy, IsCrossEntropyForAllPixels) {
  expect_equal_losses("{name: top_k_cross_entropy, share: 1}", "cross_entropy");
  expect_equal_losses("{name: top_k_cross_entropy, share: 1, class_weights: [0.5, 2, 3]}",
                      "{name: cross_entropy, class_weights: [0.5, 2, 3]}");
}

TEST(TopKCrossEntropy, AveragesTheHardestLabeledPixels) {
  const auto logits = row_of_logits({0.9, 0.3, 0.6, 0.2, 0.01});
  const auto labels = row_of({1, 1, 1, 1, kIgnoreLabel});
  const double first = -std::log(0.2), second = -std::log(0.3);
  const auto value = [&](const char* share) {
    return value_of(concat("{name: top_k_cross_entropy, share: ", share, "}"), logits, labels);
  };
  EXPECT_NEAR(value("0.25"), first, 1e-6);
  EXPECT_NEAR(value("0.5"), (first + second) / 2, 1e-6);
  EXPECT_NEAR(value("0.375"), (first + second / 2) / 1.5, 1e-6) << "half of the second pixel";
  EXPECT_NEAR(value("0.1"), first, 1e-6) << "less than a pixel";
}

TEST(TopKCrossEntropy, CountsEquallyHardPixelsEqually) {
  const auto result = evaluate(loss_of_term("{name: top_k_cross_entropy, share: 0.5}"),
                               row_of_logits({0.5, 0.5, 0.5, 0.9}), row_of({1, 1, 1, 1}));
  EXPECT_NEAR(result.value, std::log(2.0), 1e-6);
  EXPECT_TRUE(torch::allclose(result.gradient.view({-1}), torch::tensor({-0.5F / 3, -0.5F / 3, -0.5F / 3, 0.0F})))
      << result.gradient;
}

TEST(CrossEntropy, WithoutLabelSmoothingKeepsItsBits) {
  const auto leaf = some_logits(3).requires_grad_();
  const ClassSums sums = class_sums(leaf, {some_labels()});
  const auto value = torch::zeros({}) + 1.0 * (sums.nll.sum() / sums.truth.sum().clamp_min(1e-12));
  value.backward();
  const auto result =
      evaluate(loss_of_term("{name: cross_entropy, label_smoothing: 0}"), some_logits(3), some_labels());
  EXPECT_EQ(result.value, value.item<double>());
  EXPECT_TRUE(torch::equal(result.gradient, leaf.grad()));
}

TEST(CrossEntropy, LabelSmoothingSpreadsTheTruth) {
  // The truth of class 1 is 0.9 + 0.1, that of class 0 is 0.1.
  const double expected = -0.9 * std::log(0.8) - 0.1 * std::log(0.2);
  EXPECT_NEAR(value_of("{name: cross_entropy, label_smoothing: 0.2}", row_of_logits({0.8}), row_of({1})), expected,
              1e-6);
}

/// Truth is pixels {0,1,2} and prediction {2,3}: one hit, one false positive, two false negatives.
TEST(TverskyLoss, WeighsFalsePositivesAndFalseNegatives) {
  const auto logits = certain_logits(row_of({0, 0, 1, 1}), 2);
  const auto labels = row_of({1, 1, 1, 0});
  const std::string options = "smooth: 0, include_background: false";
  EXPECT_NEAR(value_of("{name: tversky, alpha: 0.3, beta: 0.7, " + options + "}", logits, labels), 1 - 1 / 2.7, 1e-6);
  EXPECT_NEAR(value_of("{name: tversky, alpha: 1, beta: 1, gamma: 2, " + options + "}", logits, labels),
              std::sqrt(0.75), 1e-6);
}

TEST(TverskyLoss, IsDiceForEqualWeightsOfOneHalf) {
  expect_equal_losses("{name: tversky, alpha: 0.5, beta: 0.5, smooth: 0.5}", "dice");
  expect_equal_losses("{name: tversky, alpha: 0.5, beta: 0.5, smooth: 1, per: image}",
                      "{name: dice, smooth: 2, per: image}");
}

TEST(Dice, SquaresTheProbabilitiesOfTheDenominator) {
  const auto logits = row_of_logits({0.5, 0.5, 0.5, 0.5});
  const auto labels = row_of({1, 1, 0, 0});
  EXPECT_NEAR(value_of("{name: dice, smooth: 0}", logits, labels), 1 - 2.0 / (2 + 2), 1e-6);
  EXPECT_NEAR(value_of("{name: dice, smooth: 0, squared: true}", logits, labels), 1 - 2.0 / (1 + 2), 1e-6);
}

/// Class 0 fills the first image, class 1 the second, of which half is found.
TEST(Dice, PerImageIsTheMeanOfTheImages) {
  auto truth = torch::zeros({2, 2, 2}, torch::kLong);
  truth[1].fill_(1);
  auto predicted = truth.clone();
  predicted[1][0].fill_(0);
  EXPECT_NEAR(value_of("{name: dice, smooth: 0, per: image}", certain_logits(predicted, 2), truth),
              (0 + (1 - 2 * 2.0 / (2 + 4))) / 2, 1e-6);
}

TEST(RegionLosses, PerImageDoNotDependOnTheMicroBatches) {
  torch::manual_seed(4);
  const auto logits = torch::randn({4, 3, 6, 5});
  auto labels = torch::randint(0, 3, {4, 6, 5}, torch::kLong);
  labels[0].fill_(kIgnoreLabel);
  labels[1].slice(0, 0, 3).fill_(kIgnoreLabel);
  for (const char* name : {"dice", "tversky", "lovasz_softmax", "cl_dice"}) {
    const StepInParts result(loss_of_term(concat("{name: ", name, ", per: image}")), logits, {labels}, {1, 3});
    EXPECT_NEAR(result.parts.value, result.full.value, 1e-6) << name;
    EXPECT_TRUE(torch::allclose(result.parts.gradient, result.full.gradient, 1e-5, 1e-8)) << name;
  }
}

/// The errors are 0.7 at the background, after which IoU is 1/2, and 0.4 at the foreground, after which it is 0.
TEST(LovaszSoftmax, WeighsTheSortedErrorsByTheLossOfIou) {
  EXPECT_NEAR(value_of("{name: lovasz_softmax, include_background: false}", row_of_logits({0.6, 0.7}), row_of({1, 0})),
              0.7 * 0.5 + 0.4 * 0.5, 1e-6);
}

/// Truth is pixels {0,1} and prediction {1,2} of four: IoU is 1/3 for both classes.
TEST(LovaszSoftmax, IsOneMinusIouForCertainPredictions) {
  EXPECT_NEAR(value_of("lovasz_softmax", certain_logits(row_of({0, 1, 1, 0}), 2), row_of({1, 1, 0, 0})), 2.0 / 3, 1e-6);
  EXPECT_NEAR(value_of("lovasz_softmax", certain_logits(some_labels(), 3), some_labels()), 0, 1e-9);
}

/// Image of 8x8 pixels with rows `first` to `last` of class 1 up to column `width`.
torch::Tensor bar(int64_t first, int64_t last, int64_t width = 8) {
  auto labels = torch::zeros({1, 8, 8}, torch::kLong);
  labels.slice(1, first, last + 1).slice(2, 0, width).fill_(1);
  return labels;
}

TEST(ClDice, IsZeroForEqualMasks) {
  for (const auto& labels : {bar(2, 4), bar(3, 3, 5), bar(0, 7)})
    EXPECT_NEAR(value_of("cl_dice", certain_logits(labels, 2), labels), 0, 1e-6);
}

TEST(ClDice, ComparesSkeletonsWithMasks) {
  const char* term = "{name: cl_dice, smooth: 0}";
  // Half of a line of one pixel: all of the predicted skeleton is right, half of the true one is found.
  EXPECT_NEAR(value_of(term, certain_logits(bar(3, 3, 4), 2), bar(3, 3)), 1 - 2 * 0.5 / 1.5, 1e-6);
  EXPECT_NEAR(value_of(term, certain_logits(bar(3, 3), 2), bar(2, 4)), 0, 1e-6) << "the center line of a bar";
  EXPECT_NEAR(value_of(term, certain_logits(bar(6, 6), 2), bar(2, 4)), 1, 1e-6) << "a line elsewhere";
}

TEST(ClDice, SkeletonOfABarIsItsCenterLine) {
  const auto mask = bar(2, 4).to(torch::kFloat).unsqueeze(1);
  EXPECT_TRUE(torch::equal(soft_skeleton(mask, 2), bar(3, 3).to(torch::kFloat).unsqueeze(1)));
  EXPECT_TRUE(torch::equal(soft_skeleton(torch::zeros({1, 1, 1, 1}), 2), torch::zeros({1, 1, 1, 1})));
}

struct MappedPixels {
  torch::Tensor logits = row_of_logits({0.8, 0.4}), labels = row_of({1, 1});
  torch::Tensor map = torch::tensor({1.0F, 3.0F}).view({1, 1, 2});
  double first = -std::log(0.8), second = -std::log(0.4);
  LossContext context = context_for(2);

  double value(const std::string& terms) const {
    return total_loss(read_loss("terms: " + terms), LossInput(logits, {labels}, context),
                      LossInput(logits, {labels, map}, context))
        .item<double>();
  }
};

TEST(BoundaryCrossEntropy, WeighsPixelsByTheMap) {
  const MappedPixels pixels;
  EXPECT_NEAR(pixels.value("[boundary_cross_entropy]"), (pixels.first + 3 * pixels.second) / 4, 1e-6);
}

TEST(BoundaryCrossEntropy, LeavesTheMapToItself) {
  const MappedPixels pixels;
  const double unweighted = (pixels.first + pixels.second) / 2;
  EXPECT_NEAR(pixels.value("[boundary_cross_entropy, {name: cross_entropy, weight: 2}]"),
              (pixels.first + 3 * pixels.second) / 4 + 2 * unweighted, 1e-6);
  for (const auto& name : losses().names()) {
    if (name == "boundary_cross_entropy") continue;
    EXPECT_EQ(pixels.value("[" + name + "]"), value_of(name, pixels.logits, pixels.labels)) << name;
  }
}

TEST(BoundaryCrossEntropy, AsksForTheMapOfItsOptions) {
  const auto map = boundary_weights(read_loss("terms: [dice, {name: boundary_cross_entropy, w0: 7, sigma: 2.5}]"));
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(map->w0, 7);
  EXPECT_EQ(map->sigma, 2.5);
  EXPECT_FALSE(boundary_weights(read_loss("terms: [dice, {name: boundary_cross_entropy, weight: 0}]")).has_value());
  for (const auto& name : losses().names())
    EXPECT_EQ(boundary_weights(loss_of_term(name)).has_value(), name == "boundary_cross_entropy") << name;
}

TEST(BoundaryCrossEntropy, RefusesASecondMap) {
  const auto check = [](const std::string& second) {
    check_losses(read_loss("terms: [boundary_cross_entropy, {name: boundary_cross_entropy, " + second + "}]"),
                 context_for(2));
  };
  EXPECT_NO_THROW(check("label_smoothing: 0.1"));
  EXPECT_NO_THROW(check("w0: 5, weight: 0"));
  EXPECT_NE(config_error([&] { check("w0: 5"); }).find("loss.terms"), std::string::npos);
}

TEST(Losses, ClassWeightsOfTheWrongNumberNameTheirLoss) {
  for (const char* name : {"cross_entropy", "focal", "top_k_cross_entropy", "boundary_cross_entropy"}) {
    const auto options = loss_of_term(concat("{name: ", name, ", class_weights: [1, 2]}"));
    const std::string text = config_error([&] { check_losses(options, context_for(3)); });
    EXPECT_EQ(text.rfind(concat("loss.terms: ", name, ": class_weights: got 2 numbers, expected 3"), 0), 0u) << text;
  }
}

/// Right and wrong with certainty at once, and unsure pixels between.
TEST(Losses, EveryLossHasAFiniteGradientForSaturatedLogits) {
  const auto labels = some_labels();
  auto logits = certain_logits(labels, 3) * 1e3;
  logits[1].neg_();
  logits.select(2, 0).zero_();
  for (const auto& term : loss_terms()) {
    const auto result = evaluate(loss_of_term(term), logits, labels);
    EXPECT_TRUE(std::isfinite(result.value)) << term;
    EXPECT_TRUE(result.gradient.isfinite().all().item<bool>()) << term;
    const auto perfect = evaluate(loss_of_term(term), certain_logits(labels, 3) * 1e3, labels);
    EXPECT_TRUE(perfect.gradient.isfinite().all().item<bool>()) << term;
  }
}

}  // namespace
}  // namespace unet
