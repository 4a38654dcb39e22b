#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "configs/schema/ignore_label.h"
#include "tests/support/error_text.h"
#include "tests/support/loss_cases.h"

namespace unet {
namespace {

constexpr int64_t kIgnore = kIgnoreLabel;

/// Whether a network of one logit can have this term, which has weights for three classes otherwise.
bool fits_one_logit(const std::string& term) { return term.find('[') == std::string::npos; }

TEST(Losses, EveryLossGivesIgnoredPixelsZeroGradient) {
  const auto labels = some_labels();
  for (const auto& name : loss_terms()) {
    const auto gradient = evaluate(loss_of_term(name), some_logits(3), labels).gradient;
    const auto ignored = labels.eq(kIgnore).unsqueeze(1).expand_as(gradient);
    EXPECT_EQ(gradient.masked_select(ignored).abs().max().item<double>(), 0) << name;
    // Sorted, hardest or skeletal pixels alone have a gradient.
    const bool is_sparse =
        name.find("lovasz") < name.size() || name.find("top_k") < name.size() || name.find("cl_dice") < name.size();
    const auto sizes = gradient.masked_select(~ignored).abs();
    EXPECT_GT((is_sparse ? sizes.max() : sizes.min()).item<double>(), 0) << name;
  }
}

TEST(Losses, EveryLossIsIndependentOfIgnoredLogits) {
  const auto labels = some_labels();
  const auto ignored = labels.eq(kIgnore).unsqueeze(1);
  const auto logits = some_logits(3);
  for (const auto& name : loss_terms())
    EXPECT_EQ(evaluate(loss_of_term(name), logits, labels).value,
              evaluate(loss_of_term(name), logits.masked_fill(ignored, 50), labels).value)
        << name;
}

TEST(Losses, EveryLossIsZeroIfAllPixelsAreIgnored) {
  const auto labels = torch::full({2, 3, 4}, kIgnore);
  for (const auto& name : loss_terms()) {
    for (const int64_t channels : {1, 3}) {
      if (channels == 1 && !fits_one_logit(name)) continue;
      const auto result = evaluate(loss_of_term(name), some_logits(channels), labels);
      EXPECT_EQ(result.value, 0) << name;
      EXPECT_EQ(result.gradient.abs().max().item<double>(), 0) << name;
    }
  }
}

TEST(Losses, EveryLossVanishesForAPerfectPredictionAndNotForAWrongOne) {
  const auto labels = some_labels();
  const auto wrong = torch::where(labels.eq(kIgnore), labels, (labels + 1).remainder(3));
  for (const auto& name : loss_terms()) {
    if (name.find("label_smoothing") < name.size()) continue;
    EXPECT_NEAR(evaluate(loss_of_term(name), certain_logits(labels, 3), labels).value, 0, 1e-6) << name;
    EXPECT_GT(evaluate(loss_of_term(name), certain_logits(wrong, 3), labels).value, 0.5) << name;
  }
}

TEST(Losses, EveryLossDecreasesAgainstItsGradient) {
  const auto labels = some_labels();
  const auto logits = some_logits(3);
  for (const auto& name : loss_terms()) {
    const auto before = evaluate(loss_of_term(name), logits, labels);
    EXPECT_LT(evaluate(loss_of_term(name), logits - 0.1 * before.gradient, labels).value, before.value) << name;
  }
}

TEST(Losses, EveryLossIsFiniteForBfloat16LogitsOfAnySize) {
  for (const auto& name : loss_terms()) {
    for (const double scale : {0.0, 1.0, 1e4, 1e30}) {
      for (const int64_t channels : {1, 3}) {
        if (channels == 1 && !fits_one_logit(name)) continue;
        const auto labels = channels == 1 ? some_labels().remainder(2) : some_labels();
        const auto result = evaluate(loss_of_term(name), (some_logits(channels) * scale).to(torch::kBFloat16), labels);
        EXPECT_TRUE(std::isfinite(result.value)) << name << " at scale " << scale;
        EXPECT_TRUE(result.gradient.isfinite().all().item<bool>()) << name << " at scale " << scale;
      }
    }
  }
}

/// Truth is pixels {0,1} and prediction {1,2} of four: Dice is 1/2 for both classes, Jaccard would be 1/3.
TEST(Dice, IsDiceAndNotJaccard) {
  const auto truth = torch::tensor({1, 1, 0, 0}, torch::kLong).view({1, 1, 4});
  const auto predicted = torch::tensor({0, 1, 1, 0}, torch::kLong).view({1, 1, 4});
  const auto options = read_loss("terms: [{name: dice, smooth: 0}]");
  EXPECT_NEAR(evaluate(options, certain_logits(predicted, 2), truth).value, 0.5, 1e-6);
}

/// Class 1 occurs only in the second of two images; a mean over images would count a Dice of 0 for the first.
TEST(Dice, SumsOverTheWholeBatch) {
  auto truth = torch::zeros({2, 2, 2}, torch::kLong);
  truth[1].fill_(1);
  auto predicted = truth.clone();
  predicted[1][0].fill_(0);
  const auto options = read_loss("terms: [{name: dice, smooth: 0, include_background: false}]");
  EXPECT_NEAR(evaluate(options, certain_logits(predicted, 2), truth).value, 1 - 2 * 2.0 / (2 + 4), 1e-6);
}

TEST(Dice, ExcludesAbsentClassesFromTheMean) {
  const auto truth = torch::tensor({1, 1, 0, 0}, torch::kLong).view({1, 1, 4});
  const auto predicted = torch::tensor({0, 1, 1, 0}, torch::kLong).view({1, 1, 4});
  const auto options = read_loss("terms: [{name: dice, smooth: 0}]");
  EXPECT_NEAR(evaluate(options, certain_logits(predicted, 5), truth).value, 0.5, 1e-6);
}

TEST(CrossEntropy, IsTheLogarithmOfTheClassCountForEqualLogits) {
  const auto result = evaluate(loss_of_term("cross_entropy"), torch::zeros({2, 3, 3, 4}), some_labels());
  EXPECT_NEAR(result.value, std::log(3.0), 1e-6);
}

TEST(CrossEntropy, AutoClassWeightsFavorRareClasses) {
  auto context = context_for(2);
  context.class_share = {0.9, 0.1};
  const auto labels = torch::tensor({0, 1}, torch::kLong).view({1, 1, 2});
  const auto logits = torch::tensor({1.0f, 0.0f, 0.0f, 0.0f}).view({1, 2, 1, 2});
  const double common = 1 / std::log(1.1 + 0.9), rare = 1 / std::log(1.1 + 0.1);
  const double right = std::log(1 + std::exp(-1.0)), unsure = std::log(2.0);
  const auto options = read_loss("terms: [{name: cross_entropy, class_weights: auto}]");
  EXPECT_NEAR(total_loss(options, LossInput(logits, {labels}, context)).item<double>(),
              (common * right + rare * unsure) / (common + rare), 1e-6);
}

/// A loss that ignores the step's normalizer would count three times.
TEST(Losses, EveryLossOfEqualPartsAddsUpToTheStep) {
  const auto labels = some_labels().slice(0, 0, 1).repeat({3, 1, 1});
  const auto logits = some_logits(3).slice(0, 0, 1).repeat({3, 1, 1, 1});
  for (const auto& name : loss_terms()) {
    // Smoothing is added in every part.
    const bool is_smoothed = name == "dice" || name == "tversky" || name == "cl_dice";
    const StepInParts result(loss_of_term(is_smoothed ? "{name: " + name + ", smooth: 0}" : name), logits, {labels},
                             {1, 1, 1});
    EXPECT_NEAR(result.parts.value, result.full.value, 1e-5) << name;
    // Equal errors have an order in a sorted batch, and with it different derivatives, whose sum is that of the parts.
    const auto gradient = [&](const torch::Tensor& of_images) {
      return name == "lovasz_softmax" ? of_images.sum(0) : of_images;
    };
    EXPECT_TRUE(torch::allclose(gradient(result.parts.gradient), gradient(result.full.gradient), 1e-4, 1e-7)) << name;
  }
}

TEST(CrossEntropy, PartsWithUnequalLabelsAddUpToTheStep) {
  torch::manual_seed(3);
  const auto logits = torch::randn({4, 3, 5, 6});
  auto labels = torch::randint(0, 3, {4, 5, 6}, torch::kLong);
  labels[0].fill_(kIgnore);
  labels[1].slice(0, 0, 4).fill_(kIgnore);
  const auto weight = torch::rand({4, 5, 6}) * 3;
  for (const char* class_weights : {"none", "auto", "[1, 0.2, 5]"})
    for (const auto& target : {Target{labels}, Target{labels, weight}})
      for (const auto& sizes : std::vector<std::vector<int64_t>>{{2, 2}, {1, 1, 1, 1}, {3, 1}}) {
        const auto options = read_loss(concat("terms: [{name: cross_entropy, class_weights: ", class_weights, "}]"));
        const StepInParts result(options, logits, target, sizes);
        EXPECT_NEAR(result.parts.value, result.full.value, 1e-5) << class_weights;
        EXPECT_TRUE(torch::allclose(result.parts.gradient, result.full.gradient, 1e-4, 1e-8)) << class_weights;
      }
}

/// Keeps trainings that are resumed with a newer program bit-identical.
TEST(Losses, TheDefaultsKeepTheOrderOfOperations) {
  const auto labels = some_labels();
  const auto leaf = some_logits(3).requires_grad_();
  const ClassSums sums = class_sums(leaf, {labels});
  const auto cross_entropy = sums.nll.sum() / sums.truth.sum().clamp_min(1e-12);
  const auto dice = (2 * sums.overlap + 1.0) / (sums.probability + sums.truth + 1.0).clamp_min(1e-12);
  const auto counts = sums.truth.gt(0).to(torch::kFloat);
  const auto value =
      torch::zeros({}) + 1.0 * cross_entropy + 1.0 * (((1 - dice) * counts).sum() / counts.sum().clamp_min(1));
  value.backward();
  const auto result = evaluate(LossOptions(), some_logits(3), labels);
  EXPECT_EQ(result.value, value.item<double>());
  EXPECT_TRUE(torch::equal(result.gradient, leaf.grad()));
}

/// Class sums computed by a plain loop over pixels.
struct PlainSums {
  std::vector<double> nll, overlap, probability, truth;

  PlainSums(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& weight)
      : nll(static_cast<size_t>(logits.size(1))), overlap(nll), probability(nll), truth(nll) {
    for (int64_t n = 0; n < labels.size(0); ++n)
      for (int64_t y = 0; y < labels.size(1); ++y)
        for (int64_t x = 0; x < labels.size(2); ++x) {
          const int64_t label = labels[n][y][x].item<int64_t>();
          if (label == kIgnore) continue;
          const double w = weight[n][y][x].item<double>();
          double total = 0;
          for (int64_t c = 0; c < logits.size(1); ++c) total += std::exp(logits[n][c][y][x].item<double>());
          for (int64_t c = 0; c < logits.size(1); ++c) {
            const double p = std::exp(logits[n][c][y][x].item<double>()) / total;
            probability[static_cast<size_t>(c)] += w * p;
            if (c != label) continue;
            nll[static_cast<size_t>(c)] -= w * std::log(p);
            overlap[static_cast<size_t>(c)] += w * p;
            truth[static_cast<size_t>(c)] += w;
          }
        }
  }
};

TEST(ClassSums, MatchAPlainLoopForWeightedPixels) {
  torch::manual_seed(5);
  const auto logits = torch::randn({2, 3, 3, 4}), weight = torch::rand({2, 3, 4}) * 4;
  const auto labels = some_labels();
  const auto ignored = labels.eq(kIgnore);
  const PlainSums expected(logits, labels, weight);
  const Target target{labels,
                      weight.masked_fill(ignored, std::nan(""))};  // ignored pixels must not contribute, not even NaN
  const ClassSums sums = class_sums(logits, target);
  for (int64_t c = 0; c < 3; ++c) {
    const auto i = static_cast<size_t>(c);
    EXPECT_NEAR(sums.nll[c].item<double>(), expected.nll[i], 1e-4);
    EXPECT_NEAR(sums.overlap[c].item<double>(), expected.overlap[i], 1e-4);
    EXPECT_NEAR(sums.probability[c].item<double>(), expected.probability[i], 1e-4);
    EXPECT_NEAR(sums.truth[c].item<double>(), expected.truth[i], 1e-4);
    EXPECT_NEAR(target.class_weight(3)[c].item<double>(), expected.truth[i], 1e-6);
  }
}

TEST(ClassSums, DoNotChangeForWeightsOfOne) {
  for (const KernelChoice kernels : {KernelChoice::libtorch, KernelChoice::fused}) {
    const auto labels = some_labels();
    const ClassSums plain = class_sums(some_logits(3), {labels}, kernels);
    const ClassSums ones = class_sums(some_logits(3), {labels, torch::ones({2, 3, 4})}, kernels);
    EXPECT_TRUE(torch::allclose(plain.nll, ones.nll));
    EXPECT_TRUE(torch::allclose(plain.overlap, ones.overlap));
    EXPECT_TRUE(torch::allclose(plain.probability, ones.probability));
    EXPECT_TRUE(torch::equal(plain.truth, ones.truth));
  }
}

/// A pixel of weight 2 counts as two pixels, one of weight 0 as none.
TEST(Losses, EveryLossCountsPixelsByTheirWeight) {
  const auto logits = some_logits(3), labels = some_labels();
  const auto doubled = torch::cat({logits, logits.slice(0, 0, 1)}),
             doubled_labels = torch::cat({labels, labels.slice(0, 0, 1)});
  auto weight = torch::ones({2, 3, 4});
  weight[0].fill_(2);
  const auto none = torch::cat({torch::ones({1, 3, 4}), torch::zeros({1, 3, 4})});
  const LossContext context = context_for(3);
  for (const auto& name : loss_terms()) {
    const auto value = [&](const torch::Tensor& z, const Target& target) {
      return total_loss(loss_of_term(name), LossInput(z, target, context)).item<double>();
    };
    // A mean over images does not count pixels.
    if (name.find("per: image") < name.size()) continue;
    EXPECT_NEAR(value(logits, {labels, weight}), value(doubled, {doubled_labels}), 1e-5) << name;
    EXPECT_NEAR(value(logits, {labels, none}), value(logits.slice(0, 0, 1), {labels.slice(0, 0, 1)}), 1e-5) << name;
  }
}

TEST(Target, CountsTheLabeledPixelsOfEachClass) {
  const auto labels = torch::tensor({0, 2, 2, 255, 1, 2}, torch::kLong).view({1, 2, 3});
  EXPECT_TRUE(torch::equal(Target{labels}.class_weight(4), torch::tensor({1.0, 1.0, 3.0, 0.0}, torch::kDouble)));
  EXPECT_TRUE(
      torch::equal(Target{labels}.pixel_weight(), torch::tensor({1.0F, 1.0F, 1.0F, 0.0F, 1.0F, 1.0F}).view({1, 2, 3})));
}

TEST(Losses, TermsOfWeightZeroAreSkipped) {
  const auto both = read_loss("terms: [dice, {name: cross_entropy, weight: 0}]");
  EXPECT_EQ(evaluate(both, some_logits(3), some_labels()).value,
            evaluate(loss_of_term("dice"), some_logits(3), some_labels()).value);
}

TEST(Losses, SoftmaxLogitsAddAZeroForTheBackground) {
  const auto z = some_logits(1);
  const auto pair = softmax_logits(z.to(torch::kDouble));
  EXPECT_EQ(pair.scalar_type(), torch::kFloat);
  EXPECT_TRUE(torch::allclose(torch::softmax(pair, 1).select(1, 1), torch::sigmoid(z).select(1, 0)));
  EXPECT_TRUE(torch::equal(softmax_logits(some_logits(3)), some_logits(3)));
}

TEST(CheckLosses, RefusesTheWrongNumberOfClassWeights) {
  const auto options = read_loss("terms: [{name: cross_entropy, class_weights: [1, 2]}]");
  EXPECT_NO_THROW(check_losses(options, context_for(2)));
  const std::string text = config_error([&] { check_losses(options, context_for(3)); });
  EXPECT_EQ(text.rfind("loss.terms: cross_entropy: class_weights: got 2 numbers, expected 3", 0), 0u) << text;
}

TEST(CheckLosses, RefusesTermsThatAllHaveWeightZero) {
  const auto options = read_loss("terms: [{name: dice, weight: 0}]");
  const std::string text = config_error([&] { check_losses(options, context_for(2)); });
  EXPECT_EQ(text.rfind("loss.terms: expected at least one term", 0), 0u) << text;
}

}  // namespace
}  // namespace unet
