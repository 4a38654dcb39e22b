#include "app/config/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "configs/schema/presets.h"
#include "configs/schema/json_schema.h"
#include "configs/schema/writer.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(Config, EveryPresetIsReadAndSaysInItsFirstLineWhatItIsFor) {
  ASSERT_FALSE(presets().empty());
  for (const Preset& preset : presets()) {
    Config config;
    EXPECT_NO_THROW(read_config(load_config(preset.name), config)) << preset.name;
    EXPECT_EQ(preset.text.rfind("# ", 0), 0u) << preset.name;
    EXPECT_GT(preset.meaning.size(), 20u) << preset.name;
  }
}

TEST(Config, TheDefaultPresetIsTheDefaultsWrittenOut) {
  Config config;
  const std::string text = find_preset("default")->text;
  EXPECT_EQ(text.substr(text.find('\n') + 1), to_yaml(config, Comments::meanings));
}

TEST(Config, TheDefaultsReadBackToThemselves) {
  Config first;
  const std::string text = to_yaml(first, Comments::meanings);
  Config second;
  read_config(parse_yaml(text, "defaults"), second);
  EXPECT_EQ(to_yaml(second, Comments::meanings), text);
}

TEST(Config, MisspeltKeyIsRefusedAtItsPlaceWithTheNearestName) {
  Config config;
  EXPECT_EQ(config_error([&] {
              read_config(parse_yaml("train:\n  learning_rate: 1e-3\n", "my.yaml"), config);
            }).rfind("my.yaml:2:3: unknown key 'train.learning_rate'", 0),
            0u);
  const std::string text =
      config_error([&] { read_config(parse_yaml("train:\n  learning_rate: 1e-3\n", "my.yaml"), config); });
  EXPECT_NE(text.find("Did you mean 'train.lr'?"), std::string::npos) << text;
}

TEST(Config, AnItemOfADefaultListIsSetByItsIndex) {
  Config plain, config;
  Tree tree = load_config("");
  set_value(tree, "loss.terms.1.weight=3");
  read_config(tree, config);
  EXPECT_EQ(config_differences(plain, config), std::vector<std::string>{"loss.terms.1.weight: 1 -> 3"});
  set_value(tree, "loss.terms.7.weight=3");
  EXPECT_EQ(config_error([&] { read_config(tree, config); }),
            "--set loss.terms.7.weight=3: loss.terms: got '7', expected a list, or the index of one of its 2 items, "
            "the first being 0");
}

TEST(Config, StepsToKeepWithoutStepsToSaveAreRefused) {
  Config config;
  const std::string text = config_error([&] { read_config(parse_yaml("train: {keep_steps: 3}", "my.yaml"), config); });
  EXPECT_NE(text.find("train.keep_steps: got 3 without train.save_every_steps"), std::string::npos) << text;
}

TEST(Config, TimesAndAveragesThatMakeNoSenseAreRefusedAtTheirPlace) {
  Config config;
  EXPECT_EQ(config_error([&] { read_config(parse_yaml("train:\n  time_budget: 30\n", "my.yaml"), config); }),
            "my.yaml:2:16: train.time_budget: got '30', expected a time such as 30m, 2h or 1h30m, or off");
  const std::string both = "train: {ema_decay: 0.9, swa_start: 0.5}";
  Config other;
  const std::string text = config_error([&] { read_config(parse_yaml(both, "my.yaml"), other); });
  EXPECT_NE(text.find("train.swa_start: got 0.5 beside train.ema_decay 0.9"), std::string::npos) << text;
}

TEST(Config, AnUnknownPresetNamesTheOthers) {
  const std::string text = error_text(ErrorKind::missing_input, [] { load_config("membrain"); });
  EXPECT_NE(text.find("Did you mean 'membrane'?"), std::string::npos) << text;
}

TEST(Config, ACropTooSmallForTheDepthIsRefusedWithTheNumbers) {
  Config config;
  const auto locations = read_config(parse_yaml("data:\n  size: [32, 24]\nmodel: {depth: 4}\n", "my.yaml"), config);
  EXPECT_EQ(config_error([&] { check_config(config, locations); }),
            "my.yaml:2:9: data.size: got 24 pixels, expected at least 32, so that the deepest level sees 2x2. "
            "Enlarge data.size or lower model.depth (now 4).");
}

TEST(Config, AResidualEncoderHasNoBottleneckToFreeze) {
  const auto refusal = [](const std::string& freeze) {
    return config_error([&] {
      Config config;
      read_config(parse_yaml("model: {encoder: resnet18}\ntrain: {freeze: " + freeze + "}", "my.yaml"), config);
    });
  };
  EXPECT_EQ(refusal("[bottleneck]"),
            "my.yaml:2:17: train.freeze: got bottleneck, which belongs to the encoder in a resnet18, expected some of "
            "encoder, decoder, head");
  EXPECT_EQ(refusal("[encoder, decoder, head]"),
            "my.yaml:2:17: train.freeze: got every part of the network, expected at most 2 of encoder, decoder, head. "
            "Leave one out, so that something is learned.");
}

TEST(Config, FewerOutputsThanClassesAreRefusedButForTheBinaryForm) {
  Config config;
  const auto locations =
      read_config(parse_yaml("{data: {size: [64, 64], labels: {0: 0, 255: 1}}, model: {num_classes: 1}}", "a"), config);
  EXPECT_NO_THROW(check_config(config, locations));
  config.data.labels = {{0, 0}, {1, 1}, {2, 2}};
  EXPECT_NE(config_error([&] { check_config(config, locations); }).find("data.labels has 3 classes"),
            std::string::npos);
}

TEST(Config, DifferencesAreListedByKeyPath) {
  Config before, after;
  read_config(parse_yaml("train: {optimizer: {name: sgd, momentum: 0.5}}", "a"), before);
  read_config(parse_yaml("train: {optimizer: {name: sgd, momentum: 0.7}, epochs: 7}", "b"), after);
  EXPECT_EQ(config_differences(before, after),
            (std::vector<std::string>{"train.epochs: 100 -> 7", "train.optimizer.momentum: 0.5 -> 0.7"}));
}

TEST(Config, WhatACheckpointKeepsHasNoPlaceOfTheHost) {
  Config config;
  read_config(parse_yaml("data: {dir: /somewhere, num_workers: 7}", "a"), config);
  const std::string text = portable_config(config);
  EXPECT_EQ(text.find("/somewhere"), std::string::npos);
  EXPECT_EQ(config.data.dir, "/somewhere");
  EXPECT_EQ(config.data.num_workers, 7);
  Config other;
  EXPECT_EQ(portable_config(other), text);
}

TEST(Config, OptionsThatMayChangeOnResumeExist) {
  Config config;
  const auto values = option_values(config);
  for (const std::string& path : resumable_options()) EXPECT_EQ(values.count(path), 1u) << path;
}

TEST(Config, TheSchemaKnowsEverySection) {
  Config config;
  const auto schema = to_json_schema(config, "unet config");
  for (const char* section : {"data", "augment", "model", "loss", "train"})
    EXPECT_TRUE(schema["properties"].contains(section)) << section;
  EXPECT_EQ(schema["properties"]["train"]["properties"]["lr"]["exclusiveMinimum"], 0);
}

}  // namespace
}  // namespace unet
