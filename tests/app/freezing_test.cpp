#include "app/optimization/freezing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "configs/schema/json_schema.h"
#include "tests/support/error_text.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

constexpr int64_t kStepsPerEpoch = 4;  // in TinyTraining

Checkpoint initial_checkpoint(TinyTraining& training) {
  SilentObserver observer;
  Trainer trainer(
      training.config(), training.data(), choose_execution("cpu", Precision::fp32), observer,
      [](const Checkpoint&, const TrainingState&) {}, start_run_clock());
  return checkpoint_from_bytes(to_bytes(trainer.checkpoint()), "test");
}

Checkpoint checkpoint_after(TinyTraining& training, int64_t steps) {
  return checkpoint_from_bytes(training.run("", steps).checkpoint, "test");
}

bool is_among(const std::vector<std::string>& parts, const std::string& name) {
  return std::find(parts.begin(), parts.end(), part_of(name)) != parts.end();
}

/// Expects that the tensors of these parts are bit-identical and all others have changed.
void expect_only_unchanged(const TensorMap& before, const TensorMap& after, const std::vector<std::string>& parts) {
  for (const auto& [name, tensor] : before)
    EXPECT_EQ(torch::equal(tensor, after.at(name)), is_among(parts, name)) << name;
}

TEST(Freezing, FrozenPartsKeepWeightsBuffersAndAveragesBitForBit) {
  const std::vector<std::vector<std::string>> choices{{"encoder"},
                                                      {"encoder", "bottleneck"},
                                                      {"decoder", "head"},
                                                      {"bottleneck"},
                                                      {"encoder", "bottleneck", "decoder"}};
  for (const auto& parts : choices) {
    TinyTraining training({"train.freeze=[" + join(parts) + "]", "train.epochs=2"});
    const Checkpoint before = initial_checkpoint(training), end = checkpoint_after(training, 8);
    expect_only_unchanged(before.weights, end.weights, parts);
    for (const auto& [name, average] : end.ema)
      EXPECT_TRUE(!is_among(parts, name) || torch::equal(average, before.weights.at(name))) << name;
    for (const auto& item : end.optimizer) EXPECT_FALSE(is_among(parts, item.first)) << item.first;
  }
}

TEST(Freezing, SwaKeepsTheStatisticsOfFrozenNorms) {
  TinyTraining training({"train.freeze=[encoder]", "train.ema_decay=0", "train.swa_start=0.2", "train.epochs=3"});
  const Checkpoint before = initial_checkpoint(training), end = checkpoint_after(training, 12);
  expect_only_unchanged(before.weights, end.ema, {"encoder"});
}

TEST(Freezing, WorksWithActivationCheckpoints) {
  for (const char* parts : {"encoder", "decoder", "bottleneck, head"}) {
    const std::string freeze = concat("train.freeze=[", parts, "]");
    TinyTraining kept({freeze, "train.epochs=2"}),
        recomputed({freeze, "train.epochs=2", "train.checkpoint_activations=true"});
    const auto expected = checkpoint_after(kept, 8).weights;
    for (const auto& [name, tensor] : checkpoint_after(recomputed, 8).weights)
      EXPECT_TRUE(torch::equal(tensor, expected.at(name))) << name;
  }
}

TEST(Freezing, NoGradientIsComputedForAFrozenPart) {
  TinyTraining training({"train.freeze=[encoder, bottleneck]"});
  Learner learner(training.config(), training.data().class_share, 3, choose_execution("cpu", Precision::fp32));
  learner.freeze_for(0);
  learner.begin_step();
  learner.add_gradients(torch::randn({2, 3, 32, 32}), {torch::zeros({2, 32, 32}, torch::kLong)});
  for (const auto& item : learner.network().named_parameters())
    EXPECT_EQ(item.value().grad().defined(), !is_among({"encoder", "bottleneck"}, item.key())) << item.key();
}

TEST(Freezing, ThawsAfterFreezeEpochs) {
  TinyTraining training({"train.freeze=[encoder]", "train.freeze_epochs=2"});
  const TensorMap before = initial_checkpoint(training).weights;
  expect_only_unchanged(before, checkpoint_after(training, 2 * kStepsPerEpoch).weights, {"encoder"});
  expect_only_unchanged(before, checkpoint_after(training, 2 * kStepsPerEpoch + 1).weights, {});
}

/// Resumes before the validation after step 7, at the thaw after step 8, and after it.
void expect_exact_resume(const std::vector<std::string>& settings) {
  TinyTraining training(settings);
  const auto uninterrupted = training.run();
  for (const int64_t stop : {7, 8, 9}) {
    const auto first = training.run("", stop);
    ASSERT_EQ(first.end, TrainingEnd::interrupted);
    const auto second = training.run(first.checkpoint);
    EXPECT_TRUE(second.checkpoint == uninterrupted.checkpoint) << join(settings) << ", stopped after step " << stop;
  }
}

TEST(Freezing, ResumesExactly) {
  for (const char* average : {"train.ema_decay=0.9", "train.swa_start=0.1"})
    for (const char* epochs : {"0", "2"})
      expect_exact_resume({"train.ema_decay=0", average, "train.epochs=4", "train.freeze=[encoder, decoder]",
                           std::string("train.freeze_epochs=") + epochs});
}

TEST(Freezing, EverythingFrozenIsRefused) {
  Config config;
  const auto text = config_error([&] {
    read_config(parse_yaml("train:\n  freeze: [head, encoder, decoder, bottleneck, head]\n", "my.yaml"), config);
  });
  EXPECT_EQ(text.rfind("my.yaml:2:11: train.freeze: got every part of the network, expected at most 3", 0), 0u) << text;
}

TEST(Freezing, AnUnknownPartIsRefusedWithTheNearestName) {
  Config config;
  const auto text = config_error([&] { read_config(parse_yaml("train: {freeze: [encodr]}", "my.yaml"), config); });
  EXPECT_NE(text.find("my.yaml:1:18: train.freeze: got 'encodr'"), std::string::npos) << text;
  EXPECT_NE(text.find("Did you mean 'encoder'?"), std::string::npos) << text;
}

TEST(Freezing, TheSchemaListsTheParts) {
  Config config;
  const auto freeze = to_json_schema(config, "test")["properties"]["train"]["properties"]["freeze"];
  EXPECT_EQ(freeze["items"]["enum"], nlohmann::json(network_parts())) << freeze;
}

TEST(Freezing, FreezeEpochsWithoutPartsAreRefused) {
  Config config;
  const auto text = config_error([&] { read_config(parse_yaml("train: {freeze_epochs: 3}", "my.yaml"), config); });
  EXPECT_NE(text.find("train.freeze_epochs: got 3, but train.freeze is empty"), std::string::npos) << text;
}

}  // namespace
}  // namespace unet
