// A step of several micro-batches or parts has the loss and the gradient of one batch of all its images.

#include "app/training/learner.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <limits>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"

namespace unet {
namespace {

/// Config of a loss. The default model has no BatchNorm, whose statistics depend on the batch.
std::unique_ptr<Config> config_with_loss(const std::string& loss, const std::string& model = "norm: none") {
  auto config = std::make_unique<Config>();
  read_config(parse_yaml("{model: {num_classes: 3, depth: 2, base_channels: 4, " + model +
                             "}, train: {precision: fp32, clip_grad_norm: 0, ema_decay: 0.5}, data: {channels: 3}, "
                             "loss: {terms: " +
                             loss + "}}",
                         "test"),
              *config);
  return config;
}

/// Four images; the first has no labels, the second few. Batches have weights only if they are defined.
struct LabeledImages {
  torch::Tensor images, labels, weights, pixel_weights;

  LabeledImages() {
    torch::manual_seed(2);
    images = torch::randn({4, 3, 32, 32});
    labels = torch::randint(0, 3, {4, 32, 32}, torch::kLong);
    labels[0].fill_(kIgnoreLabel);
    labels[1].slice(0, 3, 32).fill_(kIgnoreLabel);
    labels[2].slice(0, 0, 16).fill_(2);
  }

  /// Step of micro-batches of these sizes.
  StepBatches batches(const std::vector<int64_t>& sizes) const {
    int64_t first = 0;
    size_t i = 0;
    return {[&, first, i]() mutable {
              const int64_t size = sizes[i++];
              const auto part = [&](const torch::Tensor& all) {
                return all.defined() ? all.narrow(0, first, size) : torch::Tensor();
              };
              Batch batch{part(images), part(labels), {"image"}, part(weights), part(pixel_weights)};
              first += size;
              return batch;
            },
            static_cast<int64_t>(sizes.size())};
  }
};

struct StepOutcome {
  StepResult result;
  TensorMap gradients;
};

/// Runs the first step of a new network; returns it with its gradients.
StepOutcome first_step(const Config& config, const StepBatches& batches, int64_t parts, bool fast = true) {
  Learner learner(config, {0.5, 0.3, 0.2}, 3,
                  choose_execution("cpu", Precision::fp32, MemoryFormatOption::automatic, fast));
  learner.freeze_for(0);
  StepArgs args;
  args.parts = parts;
  StepOutcome step{learner.step(batches, args), {}};
  for (const auto& item : learner.network().named_parameters()) step.gradients[item.key()] = item.value().grad();
  return step;
}

void expect_same_step(const StepOutcome& actual, const StepOutcome& expected, const std::string& text) {
  EXPECT_EQ(actual.result.fault, "") << text;
  EXPECT_NEAR(actual.result.loss, expected.result.loss, 1e-5) << text;
  EXPECT_NEAR(actual.result.norm, expected.result.norm, 1e-4 * expected.result.norm) << text;
  for (const auto& [name, gradient] : expected.gradients) {
    const double scale = gradient.abs().max().item<double>();
    EXPECT_LE((actual.gradients.at(name) - gradient).abs().max().item<double>(), 1e-4 * scale + 1e-8)
        << name << ": " << text;
  }
}

TEST(Learner, MicroBatchesAndPartsWithUnequalLabelsHaveTheGradientOfOneBatch) {
  const LabeledImages given;
  for (const char* model : {"norm: none", "norm: none, deep_supervision: [0.5]"})
    for (const char* loss : {"[cross_entropy]", "[{name: cross_entropy, class_weights: auto}]",
                             "[{name: cross_entropy, class_weights: [1, 0.1, 3], weight: 0.7}]",
                             "[{name: cross_entropy, label_smoothing: 0.1}, {name: focal, class_weights: auto}]"})
      for (const bool fast : {true, false}) {
        const auto config = config_with_loss(loss, model);
        const StepOutcome expected = first_step(*config, given.batches({4}), 1, fast);
        const std::string text = concat(loss, ", ", model, fast ? ", fast" : "");
        expect_same_step(first_step(*config, given.batches({2, 2}), 1, fast), expected, text + ", accumulate 2");
        expect_same_step(first_step(*config, given.batches({1, 1, 1, 1}), 1, fast), expected, text + ", accumulate 4");
        expect_same_step(first_step(*config, given.batches({4}), 2, fast), expected, text + ", 2 parts");
        expect_same_step(first_step(*config, given.batches({2, 2}), 2, fast), expected,
                         text + ", accumulate 2 in 2 parts");
        expect_same_step(first_step(*config, given.batches({3, 1}), 1, fast), expected,
                         text + ", micro-batches of 3 and 1");
      }
}

TEST(Learner, PixelWeightsCountInEveryPartOfAStep) {
  LabeledImages given;
  const auto config = config_with_loss("[cross_entropy, {name: cross_entropy, class_weights: [1, 0.1, 3]}]");
  const StepOutcome unweighted = first_step(*config, given.batches({4}), 1);
  given.pixel_weights = torch::rand({4, 32, 32});
  const StepOutcome expected = first_step(*config, given.batches({4}), 1);
  EXPECT_GT(std::abs(expected.result.norm - unweighted.result.norm), 1e-3 * unweighted.result.norm);
  expect_same_step(first_step(*config, given.batches({2, 2}), 1), expected, "accumulate 2");
  expect_same_step(first_step(*config, given.batches({3, 1}), 1), expected, "micro-batches of 3 and 1");
  expect_same_step(first_step(*config, given.batches({4}), 2), expected, "2 parts");
  expect_same_step(first_step(*config, given.batches({2, 2}), 2), expected, "accumulate 2 in 2 parts");
}

TEST(Learner, APixelOfWeightZeroIsIgnored) {
  LabeledImages given;
  const auto config = config_with_loss("[cross_entropy, dice]");
  const auto left_out = torch::rand({4, 32, 32}) < 0.3;
  given.pixel_weights = torch::where(left_out, torch::zeros({}), torch::ones({}));
  const StepOutcome weighted = first_step(*config, given.batches({4}), 1);
  given.pixel_weights = torch::Tensor();
  given.labels.masked_fill_(left_out, kIgnoreLabel);
  expect_same_step(weighted, first_step(*config, given.batches({4}), 1), "ignored");
}

TEST(Learner, AWeightMapCountsInTheWholeStepForTheLossesThatAskForIt) {
  const LabeledImages plain;
  LabeledImages given;
  given.weights = 0.5 + 10 * torch::rand({4, 32, 32});
  for (const std::string& name : losses().names()) {
    const auto config = config_with_loss("[" + name + "]");
    const bool is_mapped = boundary_weights(config->loss).has_value();
    const StepOutcome expected = first_step(*config, given.batches({4}), 1);
    const double unweighted = first_step(*config, plain.batches({4}), 1).result.loss;
    EXPECT_EQ(expected.result.loss != unweighted, is_mapped) << name;
    if (!is_mapped) {
      expect_same_step(first_step(*config, given.batches({1, 3}), 1), first_step(*config, plain.batches({1, 3}), 1),
                       name + ", weight map of another loss");
      continue;
    }
    expect_same_step(first_step(*config, given.batches({2, 2}), 1), expected, name + ", accumulate 2");
    expect_same_step(first_step(*config, given.batches({3, 1}), 1), expected, name + ", micro-batches of 3 and 1");
    expect_same_step(first_step(*config, given.batches({4}), 2), expected, name + ", 2 parts");
  }
}

TEST(Learner, PixelWeightsCountForTheLossesThatAskForNoWeightMap) {
  LabeledImages both;
  both.pixel_weights = torch::rand({4, 32, 32});
  LabeledImages alone = both;
  both.weights = torch::rand({4, 32, 32});
  const auto config = config_with_loss("[cross_entropy]");
  expect_same_step(first_step(*config, both.batches({4}), 1), first_step(*config, alone.batches({4}), 1), "one part");
  expect_same_step(first_step(*config, both.batches({1, 3}), 1), first_step(*config, alone.batches({4}), 1), "parts");
}

TEST(Learner, LossesPerImageHaveTheGradientOfOneBatch) {
  const LabeledImages given;
  const auto config = config_with_loss("[{name: dice, per: image, squared: true}, {name: tversky, per: image}]",
                                       "norm: none, deep_supervision: [0.5]");
  const StepOutcome expected = first_step(*config, given.batches({4}), 1);
  expect_same_step(first_step(*config, given.batches({2, 2}), 1), expected, "accumulate 2");
  expect_same_step(first_step(*config, given.batches({2, 2}), 2), expected, "accumulate 2 in 2 parts");
}

TEST(Learner, AStepWithoutLabelsHasALossOfZero) {
  LabeledImages given;
  given.labels.fill_(kIgnoreLabel);
  const auto config = config_with_loss("[cross_entropy, dice]");
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{4}, {2, 2}}) {
    const StepOutcome step = first_step(*config, given.batches(sizes), 1);
    EXPECT_EQ(step.result.fault, "");
    EXPECT_EQ(step.result.loss, 0);
    EXPECT_EQ(step.result.norm, 0);
  }
}

TEST(Learner, AStepOfOnePartIsTheBatchBitForBit) {
  const LabeledImages given;
  const auto config = config_with_loss("[cross_entropy, dice]");
  const StepOutcome step = first_step(*config, given.batches({4}), 1);
  Learner learner(*config, {0.5, 0.3, 0.2}, 3, choose_execution("cpu", Precision::fp32));
  learner.freeze_for(0);
  learner.begin_step();
  EXPECT_EQ(learner.add_gradients(given.images, {given.labels}).item<double>(), step.result.loss);
  for (const auto& item : learner.network().named_parameters())
    EXPECT_TRUE(torch::equal(item.value().grad(), step.gradients.at(item.key()))) << item.key();
}

TEST(Learner, DiceIsTheMeanOfTheParts) {
  const LabeledImages given;
  const auto config = config_with_loss("[dice]");
  const double first = first_step(*config, given.batches({2}), 1).result.loss;
  LabeledImages last = given;
  last.images = given.images.narrow(0, 2, 2);
  last.labels = given.labels.narrow(0, 2, 2);
  const double second = first_step(*config, last.batches({2}), 1).result.loss;
  EXPECT_NEAR(first_step(*config, given.batches({2, 2}), 1).result.loss, (first + second) / 2, 1e-6);
  EXPECT_NEAR(first_step(*config, given.batches({4}), 2).result.loss, (first + second) / 2, 1e-6);
}

TEST(Learner, AStepThatIsNotFiniteIsRolledBack) {
  const auto config = config_with_loss("[cross_entropy]", "norm: batch");
  Learner learner(*config, {0.5, 0.3, 0.2}, 3, choose_execution("cpu", Precision::fp32));
  learner.freeze_for(0);
  const TensorMap before = cloned(weights_of(learner.network()));
  const TensorMap averages = cloned(learner.averaged()->weights());
  LabeledImages given;
  given.images.fill_(std::numeric_limits<float>::quiet_NaN());
  StepArgs args;
  args.lr = 1;
  std::vector<StepPhase> phases;
  args.observer = [&](StepPhase phase) { phases.push_back(phase); };
  const StepResult result = learner.step(given.batches({4}), args);
  EXPECT_NE(result.fault.find(" for the batch of image"), std::string::npos) << result.fault;
  EXPECT_EQ(phases, (std::vector<StepPhase>{StepPhase::begin, StepPhase::forward, StepPhase::loss, StepPhase::backward,
                                            StepPhase::clip}));
  for (const auto& [name, tensor] : weights_of(learner.network()))
    EXPECT_TRUE(torch::equal(tensor, before.at(name))) << name;
  for (const auto& [name, tensor] : learner.averaged()->weights())
    EXPECT_TRUE(torch::equal(tensor, averages.at(name))) << name;
}

}  // namespace
}  // namespace unet
