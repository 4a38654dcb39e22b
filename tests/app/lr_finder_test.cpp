#include "app/training/lr_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/tiny_training.h"

namespace unet {
namespace {

Execution cpu_execution() { return choose_execution("cpu", Precision::fp32); }

std::optional<LrRange> run(LrFinder& finder) {
  return finder.run([] { return false; }, [](double) {});
}

/// A loss that falls from 1 to `floor` around the learning rate `falls_at` and rises again at `rises_at`.
LrRange synthetic_range(double falls_at, double floor, double rises_at) {
  LrRange range;
  for (int i = 0; i < 100; ++i) {
    const double lr = 1e-6 * std::pow(1e7, i / 99.0);
    const double fallen = 1 / (1 + std::exp(-6 * std::log10(lr / falls_at)));
    const double risen = std::exp(8 * std::log10(lr / rises_at));
    range.lr.push_back(lr);
    range.loss.push_back(1 - (1 - floor) * fallen + risen);
  }
  range.smoothed = smoothed_losses(range.loss, 2);
  return range;
}

TEST(LrFinder, TheProposalIsAtTwoThirdsOfTheDecrease) {
  for (const double falls_at : {1e-5, 1e-4, 1e-3}) {
    const auto proposal = proposed_lr(synthetic_range(falls_at, 0.3, 3000 * falls_at));
    ASSERT_TRUE(proposal.has_value());
    const double two_thirds = falls_at * std::pow(10, std::log(2) / 6);
    EXPECT_NEAR(*proposal / two_thirds, 1, 0.25) << falls_at;
  }
}

TEST(LrFinder, TheProposalStaysBelowTheRiseOfTheLoss) {
  for (const double rises_at : {1e-3, 1e-2, 1e-1}) {
    const LrRange range = synthetic_range(rises_at / 10, 0.3, rises_at);
    const auto lowest = std::min_element(range.smoothed.begin(), range.smoothed.end()) - range.smoothed.begin();
    EXPECT_DOUBLE_EQ(proposed_lr(range).value(), range.lr[static_cast<size_t>(lowest)] / 10);
    EXPECT_LT(proposed_lr(range).value(), 0.1 * rises_at);
  }
}

TEST(LrFinder, ALossThatNeverFallsGivesNoProposal) {
  EXPECT_FALSE(proposed_lr(synthetic_range(1e-3, 1, 1e-1)).has_value());
  EXPECT_FALSE(proposed_lr({}).has_value());
}

TEST(LrFinder, SmoothingKeepsConstantsAndBoundsExplodedLosses) {
  const auto line = smoothed_losses(std::vector<double>(50, 0.7), 2);
  for (const double value : line) EXPECT_NEAR(value, 0.7, 1e-12);
  std::vector<double> losses(50, 0.5);
  losses.back() = 1e30;
  EXPECT_LE(smoothed_losses(losses, 1).back(), 1);
}

TEST(LrFinder, TheProposalIsReasonableAndTrains) {
  TinyTraining training({"train.epochs=60", "train.accumulate=1", "model.dropout=0", "augment.elastic.probability=0"});
  LrFinder finder(training.config(), training.data(), cpu_execution());
  const auto range = run(finder);
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->loss.size(), range->lr.size());
  EXPECT_EQ(range->loss.size(), range->smoothed.size());
  const auto proposal = proposed_lr(*range);
  ASSERT_TRUE(proposal.has_value());
  EXPECT_GT(*proposal, 3e-4);
  EXPECT_LT(*proposal, 0.1);

  training.config().train.lr = *proposal;
  double first = 0, last = 0;
  for (const std::string& record : training.run().records)
    if (std::sscanf(record.c_str(), "validation %*d train loss %lf", &last) == 1 && first == 0) first = last;
  EXPECT_LT(last, 0.5 * first) << "with lr " << *proposal;
}

TEST(LrFinder, TheSameTestGivesTheSameCurve) {
  TinyTraining training;
  LrFinder first(training.config(), training.data(), cpu_execution()),
      second(training.config(), training.data(), cpu_execution());
  EXPECT_EQ(run(first)->loss, run(second)->loss);
}

TEST(LrFinder, StopsWhenTheLossExplodes) {
  TinyTraining training({"model.norm=none", "train.clip_grad_norm=0", "train.precision=fp32",
                         "train.optimizer={name: sgd, momentum: 0.9}"});
  LrFinder finder(training.config(), training.data(), cpu_execution());
  const auto range = run(finder);
  EXPECT_TRUE(range->end == "the loss exploded" || range->end == "the loss is not finite" ||
              range->end == "the gradient is not finite")
      << range->end;
  EXPECT_LT(range->lr.back(), 9.9) << "before the largest learning rate";
  for (const double loss : range->loss) EXPECT_TRUE(std::isfinite(loss));
  EXPECT_TRUE(proposed_lr(*range).has_value());
}

TEST(LrFinder, StopsAtALossThatIsNotFinite) {
  TinyTraining training;
  LrFinder finder(training.config(), training.data(), cpu_execution());
  finder.network().named_parameters()["head.weight"].data().fill_(NAN);
  const auto range = run(finder);
  EXPECT_EQ(range->end, "the loss is not finite");
  EXPECT_TRUE(range->loss.empty());
}

TEST(LrFinder, StopsWhenAskedTo) {
  TinyTraining training;
  LrFinder finder(training.config(), training.data(), cpu_execution());
  int asked = 0;
  EXPECT_FALSE(finder.run([&] { return ++asked > 3; }, [](double) {}).has_value());
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace unet
