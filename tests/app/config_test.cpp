#include "app/config/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "configs/schema/json_schema.h"
#include "configs/schema/presets.h"
#include "configs/schema/writer.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(Config, EveryPresetIsReadAndDescribedInItsFirstLine) {
  ASSERT_FALSE(presets().empty());
  for (const Preset& preset : presets()) {
    Config config;
    EXPECT_NO_THROW(read_config(load_config(preset.name), config)) << preset.name;
    EXPECT_EQ(preset.text.rfind("# ", 0), 0u) << preset.name;
    EXPECT_GT(preset.meaning.size(), 20u) << preset.name;
  }
}

TEST(Config, TheDefaultPresetListsTheDefaults) {
  Config config;
  const std::string text = find_preset("default")->text;
  EXPECT_EQ(text.substr(text.find('\n') + 1), to_yaml(config, Comments::meanings));
}

TEST(Config, TheDefaultsReadBackUnchanged) {
  Config first;
  const std::string text = to_yaml(first, Comments::meanings);
  Config second;
  read_config(parse_yaml(text, "defaults"), second);
  EXPECT_EQ(to_yaml(second, Comments::meanings), text);
}

TEST(Config, AnUnknownKeyIsRefusedAtItsPlaceWithASuggestion) {
  Config config;
  const std::string text =
      config_error([&] { read_config(parse_yaml("train:\n  learning_rate: 1e-3\n", "my.yaml"), config); });
  EXPECT_EQ(text.rfind("my.yaml:2:3: unknown key 'train.learning_rate'", 0), 0u) << text;
  EXPECT_NE(text.find("Did you mean 'train.lr'?"), std::string::npos) << text;
}

TEST(Config, AnItemOfADefaultListIsSetByItsIndex) {
  Config plain, config;
  Tree tree = load_config("");
  set_value(tree, "loss.terms.1.weight=3");
  read_config(tree, config);
  EXPECT_EQ(config_differences(plain, config), std::vector<std::string>{"loss.terms.1.weight: 1 -> 3"});
  set_value(tree, "loss.terms.7.weight=3");
  const std::string text = config_error([&] { read_config(tree, config); });
  EXPECT_EQ(text.rfind("--set loss.terms.7.weight=3: loss.terms: got '7'", 0), 0u) << text;
  EXPECT_NE(text.find("one of its 2 items"), std::string::npos) << text;
}

TEST(Config, StepsToKeepWithoutStepsToSaveAreRefused) {
  Config config;
  const std::string text = config_error([&] { read_config(parse_yaml("train: {keep_steps: 3}", "my.yaml"), config); });
  EXPECT_NE(text.find("train.keep_steps: got 3 without train.save_every_steps"), std::string::npos) << text;
}

TEST(Config, InvalidTimesAndAveragesAreRefusedAtTheirPlace) {
  Config config;
  EXPECT_TRUE(contains(config_error([&] { read_config(parse_yaml("train:\n  time_budget: 30\n", "my.yaml"), config); }),
                       "my.yaml:2:16: train.time_budget: got '30', expected a time"));
  const std::string both = "train: {ema_decay: 0.9, swa_start: 0.5}";
  Config other;
  const std::string text = config_error([&] { read_config(parse_yaml(both, "my.yaml"), other); });
  EXPECT_NE(text.find("train.swa_start: got 0.5 with train.ema_decay 0.9"), std::string::npos) << text;
}

TEST(Config, AnAugmentationPresetIsResolvedToValuesThatReadBack) {
  Config config;
  read_config(parse_yaml("augment: {preset: light, brightness: {shift: [-0.3, 0.3]}}", "my.yaml"), config);
  const auto values = option_values(config);
  EXPECT_EQ(values.at("augment.preset"), "custom");
  EXPECT_EQ(values.at("augment.intensity_unit"), "deviation") << "the preset knows the unit";
  EXPECT_EQ(values.at("augment.brightness.shift"), "[-0.3, 0.3]");
  EXPECT_EQ(values.at("augment.brightness.probability"), "0.1");
  Config again;
  read_config(parse_yaml(to_yaml(config, Comments::none), "config.yaml"), again);
  EXPECT_EQ(config_differences(config, again), std::vector<std::string>{});
  EXPECT_EQ(to_yaml(stored_config(portable_config(config), "a"), Comments::none), to_yaml(config, Comments::none));
}

TEST(Config, AnAugmentationPresetReplacesTheAugmentationOfThePresetItIsAddedTo) {
  Tree tree = load_config("wbc1");
  set_value(tree, "augment.preset=none");
  Config config;
  read_config(tree, config);
  int rows = 0;
  for (const auto& [path, value] : option_values(config)) {
    if (path.rfind("augment.", 0) != 0 || path.find(".probability") == std::string::npos) continue;
    EXPECT_EQ(value, "0") << path;
    ++rows;
  }
  EXPECT_GT(rows, 12);
  EXPECT_EQ(config.data.labels.size(), 3u);
}

TEST(Config, AmountsOfAFileKeepTheirUnitUnderACustomPreset) {
  Tree tree = parse_yaml("augment: {brightness: {shift: [-0.1, 0.1]}}", "my.yaml");
  set_value(tree, "augment.preset=custom");
  Config config;
  read_config(tree, config);
  EXPECT_EQ(option_values(config).at("augment.intensity_unit"), "full_range");
}

TEST(Config, AnUnknownPresetIsRefusedWithASuggestion) {
  const std::string text = error_text(ErrorKind::missing_input, [] { load_config("membrain"); });
  EXPECT_NE(text.find("Did you mean 'membrane'?"), std::string::npos) << text;
}

TEST(Config, ACropTooSmallForTheDepthIsRefusedWithTheLimit) {
  Config config;
  const auto locations = read_config(parse_yaml("data:\n  size: [32, 24]\nmodel: {depth: 4}\n", "my.yaml"), config);
  EXPECT_TRUE(contains(config_error([&] { check_config(config, locations); }),
                       "my.yaml:2:9: data.size: got 24 pixels, expected at least 32"));
}

TEST(Config, AResidualEncoderHasNoBottleneckToFreeze) {
  const auto refusal = [](const std::string& freeze) {
    return config_error([&] {
      Config config;
      read_config(parse_yaml("model: {encoder: resnet18}\ntrain: {freeze: " + freeze + "}", "my.yaml"), config);
    });
  };
  EXPECT_TRUE(contains(refusal("[bottleneck]"), "my.yaml:2:17: train.freeze: got bottleneck"));
  EXPECT_TRUE(contains(refusal("[bottleneck]"), "encoder, decoder, head"));
  EXPECT_TRUE(contains(refusal("[encoder, decoder, head]"),
                       "my.yaml:2:17: train.freeze: got every part of the network, expected at most 2"));
}

TEST(Config, FewerOutputsThanClassesAreRefusedExceptForOneLogit) {
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

using Paths = std::vector<std::string>;

const Paths kHostOnlyPaths{"data.dir",
                           "data.num_workers",
                           "data.prefetch",
                           "data.cache_mb",
                           "data.cache_dir",
                           "model.encoder_weights",
                           "train.checkpoint_activations"};

TEST(Config, ACheckpointKeepsTheDefaultsOfOptionsThatAreNotPortable) {
  EXPECT_EQ(option_paths(Config(), [](const Traits& traits) { return !traits.portable; }), kHostOnlyPaths);
  Config config;
  read_config(parse_yaml("{data: {dir: /somewhere, num_workers: 7, prefetch: 9, cache_mb: 1, cache_dir: /fast}, "
                         "model: {encoder: resnet18, encoder_weights: /there.pth}, "
                         "train: {checkpoint_activations: true, lr: 0.5}}",
                         "a"),
              config);
  const std::string text = portable_config(config);
  EXPECT_EQ(config.data.dir, "/somewhere");
  EXPECT_EQ(config.data.num_workers, 7);
  Config plain;
  read_config(parse_yaml("{model: {encoder: resnet18}, train: {lr: 0.5}}", "a"), plain);
  EXPECT_EQ(text, to_yaml(plain, Comments::none));
  EXPECT_EQ(to_yaml(stored_config(text, "checkpoint"), Comments::none), text);
}

TEST(Config, OptionsThatMayChangeOnResumeAreListed) {
  Paths expected = kHostOnlyPaths;
  for (const char* path :
       {"train.epochs", "train.early_stopping_patience", "train.log_every_steps", "train.sample_images",
        "train.save_every_steps", "train.keep_steps", "train.max_time", "train.metrics", "train.temperature_scaling",
        "train.time_budget", "train.nonfinite", "train.nonfinite_limit", "train.out_of_memory"})
    expected.emplace_back(path);
  Paths found = resumable_options();
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST(Config, ACopySharesNothingWithItsOriginal) {
  Config original;
  read_config(parse_yaml("{augment: {rotation: {probability: 1}}, train: {schedule: cosine}}", "a"), original);
  const std::string text = to_yaml(original, Comments::none);
  Config copy = original;
  EXPECT_EQ(to_yaml(copy, Comments::none), text);
  read_config(parse_yaml("{augment: {rotation: {probability: 0}}, loss: {terms: [dice]}, model: {upsampling: nearest}, "
                         "train: {schedule: {final_factor: 0.5}, optimizer: {eps: 1}}}",
                         "b"),
              copy);
  EXPECT_EQ(to_yaml(original, Comments::none), text);
  EXPECT_FALSE(config_differences(original, copy).empty());
}

TEST(Config, TheSchemaHasEverySection) {
  Config config;
  const auto schema = to_json_schema(config, "unet config");
  for (const char* section : {"data", "augment", "model", "loss", "train"})
    EXPECT_TRUE(schema["properties"].contains(section)) << section;
  EXPECT_EQ(schema["properties"]["train"]["properties"]["lr"]["exclusiveMinimum"], 0);
}

}  // namespace
}  // namespace unet
