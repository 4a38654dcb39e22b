#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/error_text.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

Trainer make_trainer(TinyTraining& training, SilentObserver& observer) {
  return {training.config(),
          training.data(),
          choose_execution("cpu", Precision::fp32),
          observer,
          [](const Checkpoint&, const TrainingState&) {},
          start_run_clock()};
}

TEST(Trainer, LearnsTheTrainingImages) {
  TinyTraining training({"train.epochs=60", "train.accumulate=1", "model.dropout=0", "augment.elastic.probability=0"});
  double first = 0;
  double last = 0;
  const auto records = training.run().records;
  for (const std::string& record : records)
    if (std::sscanf(record.c_str(), "validation %*d train loss %lf", &last) == 1 && first == 0) first = last;
  EXPECT_LT(last, 0.5 * first);
}

TEST(Trainer, ALossThatIsNotFiniteStopsBeforeTheUpdate) {
  TinyTraining training;
  SilentObserver observer;
  Trainer trainer = make_trainer(training, observer);
  TensorMap weights = weights_of(trainer.network());
  weights.at("head.weight").view(-1)[0] = std::numeric_limits<float>::quiet_NaN();
  const auto before = weights.at("encoder.0.conv1.weight").clone();
  const std::string text = error_text(ErrorKind::not_finite, [&] { trainer.run([] { return false; }); });
  EXPECT_NE(text.find("step 1: the loss is nan for the batch of "), std::string::npos) << text;
  EXPECT_NE(text.find(".png"), std::string::npos) << "the batch's files are named: " << text;
  EXPECT_TRUE(torch::equal(before, weights_of(trainer.network()).at("encoder.0.conv1.weight")));
}

TEST(Trainer, AGradientThatIsNotFiniteStopsBeforeTheUpdate) {
  TinyTraining training;
  SilentObserver observer;
  Trainer trainer = make_trainer(training, observer);
  auto parameters = trainer.network().named_parameters();
  parameters["head.bias"].register_hook([](const torch::Tensor& g) { return g / 0; });
  const auto before = parameters["encoder.0.conv1.weight"].detach().clone();
  const std::string text = error_text(ErrorKind::not_finite, [&] { trainer.run([] { return false; }); });
  EXPECT_NE(text.find("step 1: the gradient is not finite in head.bias"), std::string::npos) << text;
  EXPECT_TRUE(torch::equal(before, parameters["encoder.0.conv1.weight"].detach()));
}

TEST(Trainer, InitLoadsFittingTensorsAndNamesTheOthers) {
  TinyTraining two_classes;
  TinyTraining other_head({"model.num_classes=5"});
  SilentObserver observer;
  Trainer from = make_trainer(two_classes, observer);
  Trainer to = make_trainer(other_head, observer);
  torch::NoGradGuard no_grad;
  from.network().named_parameters()["encoder.0.conv1.weight"].fill_(0.25);
  EXPECT_EQ(to.init_from(weights_of(from.network())), (std::vector<std::string>{"head.bias", "head.weight"}));
  EXPECT_EQ(weights_of(to.network()).at("encoder.0.conv1.weight").min().item<float>(), 0.25F);
}

TEST(Trainer, EarlyStoppingEndsAfterItsPatience) {
  TinyTraining training({"train.early_stopping_patience=2", "train.lr=1e-12", "train.ema_decay=0", "train.epochs=100"});
  const auto result = training.run();
  EXPECT_EQ(result.end, TrainingEnd::stopped_early);
  EXPECT_EQ(training_state_from_json(checkpoint_from_bytes(result.checkpoint, "test").state)
                .early_stopping.validations_without_gain,
            2);
}

TEST(Trainer, AccumulatedMicroBatchesHaveTheGradientOfOneBatch) {
  // Without BatchNorm and dropout, 2 x 2 samples and 1 x 4 samples are the same step, however many pixels of each are
  // ignored, e.g. at the edges of rotated images.
  const std::vector<std::string> plain{"model.norm=none",
                                       "model.dropout=0",
                                       "train.precision=fp32",
                                       "loss.terms=[{name: cross_entropy}]",
                                       "train.optimizer={name: sgd, momentum: 0, nesterov: false}",
                                       "train.clip_grad_norm=0"};
  auto halves = plain;
  halves.insert(halves.end(), {"train.batch_size=2", "train.accumulate=2"});
  auto full_batch = plain;
  full_batch.insert(full_batch.end(), {"train.batch_size=4", "train.accumulate=1"});
  const auto a = checkpoint_from_bytes(TinyTraining(halves).run("", 1).checkpoint, "a").weights;
  const auto b = checkpoint_from_bytes(TinyTraining(full_batch).run("", 1).checkpoint, "b").weights;
  for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::allclose(tensor, b.at(name), 1e-4, 1e-6)) << name;
}

TEST(Trainer, EveryNormActivationAndPrecisionTakesAStep) {
  std::vector<std::string> settings;
  for (const char* norm : {"batch", "instance", "group", "none"}) settings.push_back(std::string("model.norm=") + norm);
  for (const char* name : {"relu", "leaky_relu", "elu", "silu", "gelu"})
    settings.push_back(std::string("model.activation=") + name);
  for (const char* precision : {"bf16", "fp32"})
    for (const char* format : {"contiguous", "channels_last"})
      for (const std::string& setting : settings) {
        TinyTraining training({setting, concat("train.precision=", precision), concat("train.memory_format=", format)});
        EXPECT_EQ(training.run("", 1).records.size(), 1u) << setting << " in " << precision << ", " << format;
      }
}

/// Compares weights and statistics after a few steps with those of LibTorch's kernels, for every optimizer.
TEST(Trainer, FusedKernelsTrainTheSame) {
  for (const std::string& rule : optimizer_rules().names())
    for (const char* format : {"contiguous", "channels_last"}) {
      const auto trained = [&](bool fast) {
        TinyTraining training({"train.precision=fp32", "train.optimizer=" + rule, "model.dropout=0", "train.lr=1e-3",
                               concat("train.memory_format=", format),
                               concat("train.fast_paths=", fast ? "true" : "false")});
        return checkpoint_from_bytes(training.run("", 3).checkpoint, "test").weights;
      };
      const auto expected = trained(false), actual = trained(true);
      for (const auto& [name, tensor] : expected) {
        // Lion's steps are signs, which rounding can flip.
        const auto differs = (actual.at(name) - tensor).abs().gt(1e-4 + 1e-3 * tensor.abs());
        EXPECT_LE(differs.to(torch::kDouble).mean().item<double>(), rule == "lion" ? 0.02 : 0.002)
            << name << " by " << rule << ", " << format;
      }
    }
}

}  // namespace
}  // namespace unet
