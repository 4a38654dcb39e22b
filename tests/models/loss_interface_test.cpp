// Implements a loss that needs the logits of each pixel, in its own table, to show that LossInput suffices.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "models/losses/dice.h"
#include "models/losses/loss.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

/// Mean of -(1 - p)^gamma * log p over the labeled pixels, where p is the probability of the pixel's own class.
/// Source: Lin et al. 2017, arXiv:1708.02002.
class ExampleFocalLoss : public Loss {
 public:
  double gamma = 2;

  void fields(FieldVisitor& visit) override {
    Loss::fields(visit);
    visit("gamma", gamma, "exponent of 1 - p; 0 is cross entropy", at_least(0));
  }

  void check(const LossContext& context) const override {
    if (context.num_classes > 100) fail(ErrorKind::config, "loss.terms: focal: too many classes");
  }

  torch::Tensor compute(const LossInput& input) const override {
    const auto& labels = input.target().labels;
    const auto labeled = labels.ne(kIgnoreLabel);
    const auto log_p = torch::log_softmax(input.logits().to(torch::kFloat), 1)
                           .gather(1, labels.masked_fill(~labeled, 0).unsqueeze(1))
                           .squeeze(1);
    const auto losses = -(1 - log_p.exp()).pow(gamma) * log_p * input.target().pixel_weight();
    return torch::where(labeled, losses, torch::zeros({}, losses.options())).sum() /
           input.step_class_weight().sum().clamp_min(1e-12);
  }
};

/// The same with a weight map.
class MappedFocalLoss : public ExampleFocalLoss {
 public:
  BoundaryWeights map;

  void fields(FieldVisitor& visit) override {
    ExampleFocalLoss::fields(visit);
    visit("w0", map.w0, "weight between objects that touch", at_least(0));
  }
  std::optional<BoundaryWeights> boundary_weights() const override { return map; }
};

const Registry<Loss>& focal_table() {
  static const Registry<Loss> rows{"loss",
                                   {{"focal", "focal loss", make_row<Loss, ExampleFocalLoss>},
                                    {"mapped", "focal loss with a weight map", make_row<Loss, MappedFocalLoss>},
                                    {"dice", "soft Dice", make_row<Loss, DiceLoss>}}};
  return rows;
}

LossOptions focal(const std::string& terms) {
  LossOptions options(focal_table(), {"focal"});
  read_options(parse_yaml("terms: " + terms, "test"), options);
  return options;
}

struct FocalCase {
  torch::Tensor logits, labels, weight;

  FocalCase() {
    torch::manual_seed(0);
    logits = torch::randn({2, 3, 3, 4});
    labels = torch::randint(0, 3, {2, 3, 4}, torch::kLong);
    labels[0].slice(0, 0, 2).fill_(kIgnoreLabel);
    weight = torch::rand({2, 3, 4}) * 2;
  }

  /// Computes the loss by a plain loop.
  double expected(double gamma, bool is_weighted) const {
    double sum = 0, weights = 0;
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t y = 0; y < 3; ++y)
        for (int64_t x = 0; x < 4; ++x) {
          const int64_t label = labels[n][y][x].item<int64_t>();
          if (label == kIgnoreLabel) continue;
          double total = 0;
          for (int64_t c = 0; c < 3; ++c) total += std::exp(logits[n][c][y][x].item<double>());
          const double p = std::exp(logits[n][label][y][x].item<double>()) / total;
          const double w = is_weighted ? weight[n][y][x].item<double>() : 1;
          sum -= w * std::pow(1 - p, gamma) * std::log(p);
          weights += w;
        }
    return sum / weights;
  }
};

const LossContext kContext{3, {0.4, 0.3, 0.3}};

TEST(LossInterface, ALossOfTheLogitsMatchesItsFormula) {
  const FocalCase given;
  for (const double gamma : {0.0, 1.0, 2.5}) {
    const auto options = focal(concat("[{name: focal, gamma: ", gamma, "}]"));
    EXPECT_NEAR(total_loss(options, LossInput(given.logits, {given.labels}, kContext)).item<double>(),
                given.expected(gamma, false), 1e-5);
    EXPECT_NEAR(total_loss(options, LossInput(given.logits, {given.labels, given.weight}, kContext)).item<double>(),
                given.expected(gamma, true), 1e-5);
  }
}

TEST(LossInterface, TheGradientIsZeroOnlyAtIgnoredPixels) {
  const FocalCase given;
  const auto leaf = given.logits.clone().requires_grad_();
  total_loss(focal("[focal]"), LossInput(leaf, {given.labels}, kContext)).backward();
  const auto ignored = given.labels.eq(kIgnoreLabel).unsqueeze(1).expand_as(leaf);
  EXPECT_EQ(leaf.grad().masked_select(ignored).abs().max().item<double>(), 0);
  EXPECT_GT(leaf.grad().masked_select(~ignored).abs().min().item<double>(), 0);
}

TEST(LossInterface, ValueAndGradientAreZeroIfAllPixelsAreIgnored) {
  const auto leaf = torch::randn({1, 3, 2, 2}).requires_grad_();
  const auto value =
      total_loss(focal("[focal]"), LossInput(leaf, {torch::full({1, 2, 2}, kIgnoreLabel, torch::kLong)}, kContext));
  value.backward();
  EXPECT_EQ(value.item<double>(), 0);
  EXPECT_EQ(leaf.grad().abs().max().item<double>(), 0);
}

TEST(LossInterface, TermsWithAndWithoutClassSumsAddUp) {
  const FocalCase given;
  const auto value = [&](const std::string& terms) {
    return total_loss(focal(terms), LossInput(given.logits, {given.labels}, kContext)).item<double>();
  };
  EXPECT_NEAR(value("[dice, {name: focal, weight: 2}]"), value("[dice]") + 2 * value("[focal]"), 1e-5);
}

TEST(LossInterface, PartsAddUpToTheStep) {
  const FocalCase given;
  const auto options = focal("[focal]");
  const double full_step = total_loss(options, LossInput(given.logits, {given.labels}, kContext)).item<double>();
  const StepNormalizer normalizer{2, Target{given.labels}.class_weight(3).to(torch::kFloat)};
  double sum = 0;
  for (int64_t n = 0; n < 2; ++n)
    sum += total_loss(options,
                      LossInput(given.logits.narrow(0, n, 1), {given.labels.narrow(0, n, 1)}, kContext, normalizer))
               .item<double>();
  EXPECT_NEAR(sum, full_step, 1e-5);
}

TEST(LossInterface, OnlyTermsThatAskForTheWeightMapGetIt) {
  const FocalCase given;
  const LossInput plain(given.logits, {given.labels}, kContext);
  const LossInput mapped(given.logits, {given.labels, given.weight}, kContext);
  const auto value = [&](const std::string& terms) { return total_loss(focal(terms), plain, mapped).item<double>(); };
  EXPECT_NEAR(value("[focal]"), given.expected(2, false), 1e-5);
  EXPECT_NEAR(value("[mapped]"), given.expected(2, true), 1e-5);
  EXPECT_NEAR(value("[focal, {name: mapped, weight: 3}]"), given.expected(2, false) + 3 * given.expected(2, true),
              1e-5);
}

TEST(LossInterface, TheWeightMapIsThatOfTheTerms) {
  EXPECT_FALSE(boundary_weights(focal("[focal, {name: mapped, weight: 0}]")));
  const auto map = boundary_weights(focal("[focal, {name: mapped, w0: 7}]"));
  ASSERT_TRUE(map);
  EXPECT_EQ(map->w0, 7);
  EXPECT_EQ(map->sigma, 5);
  EXPECT_NO_THROW(check_losses(focal("[mapped, mapped]"), kContext));
  EXPECT_NE(config_error([] { check_losses(focal("[mapped, {name: mapped, w0: 7}]"), kContext); }).find("loss.terms"),
            std::string::npos);
}

TEST(LossInterface, OptionsAreCheckedWithoutComputing) {
  EXPECT_NO_THROW(check_losses(focal("[focal]"), kContext));
  EXPECT_EQ(config_error([] { check_losses(focal("[focal]"), {101, {}}); }), "loss.terms: focal: too many classes");
}

TEST(LossInput, ComputesTheSumsOnceForAllTerms) {
  const FocalCase given;
  const LossInput input(given.logits, {given.labels}, kContext);
  EXPECT_TRUE(input.sums().nll.is_same(input.sums().nll));
  EXPECT_TRUE(input.step_class_weight().is_same(input.sums().truth)) << "a step of one part has its own sums";
}

}  // namespace
}  // namespace unet
