#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "models/losses/loss.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

constexpr int64_t kIgnore = kIgnoreLabel;

LossOptions options_of(const std::string& yaml) {
  LossOptions options;
  read_options(parse_yaml(yaml, "test"), options);
  return options;
}

LossOptions single(const std::string& name) { return options_of("terms: [" + name + "]"); }

LossContext context_for(int64_t classes) {
  LossContext context;
  context.num_classes = classes;
  context.class_share.assign(static_cast<size_t>(classes), 1.0 / static_cast<double>(classes));
  return context;
}

/// labels (2,3,4) of three classes with some pixels ignored.
torch::Tensor some_labels() {
  const auto labels = torch::arange(24).remainder(3).reshape({2, 3, 4});
  return labels.masked_fill(torch::arange(24).remainder(5).eq(0).reshape({2, 3, 4}), kIgnore);
}

torch::Tensor some_logits(int64_t classes) {
  torch::manual_seed(0);
  return torch::randn({2, classes, 3, 4});
}

struct Evaluated {
  double value;
  torch::Tensor gradient;
};

Evaluated evaluate(const LossOptions& options, const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto leaf = logits.clone().requires_grad_();
  const auto value = total_loss(options, leaf, Target{labels}, context_for(std::max<int64_t>(2, logits.size(1))));
  value.backward();
  return {value.item<double>(), leaf.grad()};
}

/// Logits that say `labels` with certainty; 0 for all classes where a pixel is ignored.
torch::Tensor certain_logits(const torch::Tensor& labels, int64_t classes) {
  const auto index = torch::arange(classes).view({1, classes, 1, 1});
  const auto truth = labels.unsqueeze(1).eq(index).to(torch::kFloat);
  return (60 * truth - 30) * labels.ne(kIgnore).unsqueeze(1);
}

TEST(Losses, EveryLossGivesIgnoredPixelsZeroGradient) {
  const auto labels = some_labels();
  for (const auto& name : losses().names()) {
    const auto gradient = evaluate(single(name), some_logits(3), labels).gradient;
    const auto ignored = labels.eq(kIgnore).unsqueeze(1).expand_as(gradient);
    EXPECT_EQ(gradient.masked_select(ignored).abs().max().item<double>(), 0) << name;
    EXPECT_GT(gradient.masked_select(~ignored).abs().min().item<double>(), 0) << name;
  }
}

TEST(Losses, EveryLossTakesNoNoticeOfIgnoredLogits) {
  const auto labels = some_labels();
  const auto ignored = labels.eq(kIgnore).unsqueeze(1);
  const auto logits = some_logits(3);
  for (const auto& name : losses().names())
    EXPECT_EQ(evaluate(single(name), logits, labels).value,
              evaluate(single(name), logits.masked_fill(ignored, 50), labels).value)
        << name;
}

TEST(Losses, EveryLossIsZeroWhereAllPixelsAreIgnored) {
  const auto labels = torch::full({2, 3, 4}, kIgnore);
  for (const auto& name : losses().names()) {
    for (const int64_t channels : {1, 3}) {
      const auto result = evaluate(single(name), some_logits(channels), labels);
      EXPECT_EQ(result.value, 0) << name;
      EXPECT_EQ(result.gradient.abs().max().item<double>(), 0) << name;
    }
  }
}

TEST(Losses, EveryLossVanishesForAPerfectPredictionAndNotForAWrongOne) {
  const auto labels = some_labels();
  const auto wrong = torch::where(labels.eq(kIgnore), labels, (labels + 1).remainder(3));
  for (const auto& name : losses().names()) {
    EXPECT_NEAR(evaluate(single(name), certain_logits(labels, 3), labels).value, 0, 1e-6) << name;
    EXPECT_GT(evaluate(single(name), certain_logits(wrong, 3), labels).value, 0.5) << name;
  }
}

TEST(Losses, EveryLossFallsAgainstItsGradient) {
  const auto labels = some_labels();
  const auto logits = some_logits(3);
  for (const auto& name : losses().names()) {
    const auto before = evaluate(single(name), logits, labels);
    EXPECT_LT(evaluate(single(name), logits - 0.1 * before.gradient, labels).value, before.value) << name;
  }
}

TEST(Losses, EveryLossIsFiniteForBfloat16LogitsOfAnySize) {
  for (const auto& name : losses().names()) {
    for (const double scale : {0.0, 1.0, 1e4, 1e30}) {
      for (const int64_t channels : {1, 3}) {
        const auto labels = channels == 1 ? some_labels().remainder(2) : some_labels();
        const auto result = evaluate(single(name), (some_logits(channels) * scale).to(torch::kBFloat16), labels);
        EXPECT_TRUE(std::isfinite(result.value)) << name << " at scale " << scale;
        EXPECT_TRUE(result.gradient.isfinite().all().item<bool>()) << name << " at scale " << scale;
      }
    }
  }
}

/// Truth {0,1}, prediction {1,2} of four pixels: Dice is 1/2 for both classes, Jaccard would be 1/3.
TEST(Dice, IsDiceAndNotJaccard) {
  const auto truth = torch::tensor({1, 1, 0, 0}, torch::kLong).view({1, 1, 4});
  const auto predicted = torch::tensor({0, 1, 1, 0}, torch::kLong).view({1, 1, 4});
  const auto options = options_of("terms: [{name: dice, smooth: 0}]");
  EXPECT_NEAR(evaluate(options, certain_logits(predicted, 2), truth).value, 0.5, 1e-6);
}

/// Two images, class 1 in the second only: summed over the batch it counts once, not once with a Dice of 0.
TEST(Dice, SumsOverTheWholeBatch) {
  auto truth = torch::zeros({2, 2, 2}, torch::kLong);
  truth[1].fill_(1);
  auto predicted = truth.clone();
  predicted[1][0].fill_(0);
  const auto options = options_of("terms: [{name: dice, smooth: 0, include_background: false}]");
  EXPECT_NEAR(evaluate(options, certain_logits(predicted, 2), truth).value, 1 - 2 * 2.0 / (2 + 4), 1e-6);
}

TEST(Dice, LeavesAbsentClassesOutOfTheMean) {
  const auto truth = torch::tensor({1, 1, 0, 0}, torch::kLong).view({1, 1, 4});
  const auto predicted = torch::tensor({0, 1, 1, 0}, torch::kLong).view({1, 1, 4});
  const auto options = options_of("terms: [{name: dice, smooth: 0}]");
  EXPECT_NEAR(evaluate(options, certain_logits(predicted, 5), truth).value, 0.5, 1e-6);
}

TEST(CrossEntropy, OfNoIdeaIsTheLogarithmOfTheClasses) {
  const auto result = evaluate(single("cross_entropy"), torch::zeros({2, 3, 3, 4}), some_labels());
  EXPECT_NEAR(result.value, std::log(3.0), 1e-6);
}

TEST(CrossEntropy, AutoWeighsRareClassesMore) {
  auto context = context_for(2);
  context.class_share = {0.9, 0.1};
  const auto labels = torch::tensor({0, 1}, torch::kLong).view({1, 1, 2});
  const auto logits = torch::tensor({1.0f, 0.0f, 0.0f, 0.0f}).view({1, 2, 1, 2});
  const double common = 1 / std::log(1.1 + 0.9), rare = 1 / std::log(1.1 + 0.1);
  const double right = std::log(1 + std::exp(-1.0)), unsure = std::log(2.0);
  const auto options = options_of("terms: [{name: cross_entropy, class_weights: auto}]");
  EXPECT_NEAR(total_loss(options, logits, Target{labels}, context).item<double>(),
              (common * right + rare * unsure) / (common + rare), 1e-6);
}

TEST(Losses, TermsOfWeightZeroAreLeftOut) {
  const auto both = options_of("terms: [dice, {name: cross_entropy, weight: 0}]");
  EXPECT_EQ(evaluate(both, some_logits(3), some_labels()).value,
            evaluate(single("dice"), some_logits(3), some_labels()).value);
}

TEST(Losses, SoftmaxLogitsAddAZeroForTheBackground) {
  const auto z = some_logits(1);
  const auto pair = softmax_logits(z.to(torch::kDouble));
  EXPECT_EQ(pair.scalar_type(), torch::kFloat);
  EXPECT_TRUE(torch::allclose(torch::softmax(pair, 1).select(1, 1), torch::sigmoid(z).select(1, 0)));
  EXPECT_TRUE(torch::equal(softmax_logits(some_logits(3)), some_logits(3)));
}

TEST(CheckLosses, RefusesTheWrongNumberOfClassWeights) {
  const auto options = options_of("terms: [{name: cross_entropy, class_weights: [1, 2]}]");
  EXPECT_NO_THROW(check_losses(options, context_for(2)));
  EXPECT_EQ(config_error([&] { check_losses(options, context_for(3)); }),
            "loss cross_entropy: class_weights: got 2 numbers, expected 3, one for each class");
}

TEST(CheckLosses, RefusesTermsThatAllWeighNothing) {
  const auto options = options_of("terms: [{name: dice, weight: 0}]");
  EXPECT_EQ(config_error([&] { check_losses(options, context_for(2)); }),
            "loss.terms: expected at least one term with a weight above 0");
}

}  // namespace
}  // namespace unet
