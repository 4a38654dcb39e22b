#include "app/inspection/inspection.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>

#include "app/inspection/allocation_log.h"
#include "app/optimization/optimizer_rules.h"
#include "app/training/learner.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

Config config_with_settings(const std::vector<std::string>& settings) {
  Tree tree = load_config("");
  for (const std::string& setting : settings) set_value(tree, setting);
  Config config;
  read_config(tree, config);
  return config;
}

TEST(Layers, IncludeTheOperationsAfterAConvolution) {
  UNetOptions options = small_unet("batch", "relu");
  options.dropout = 0.5;
  const auto layers = layers_of(describe_unet(options, 3), 32, 32);
  std::vector<std::string> texts;
  for (const Layer& layer : layers) texts.push_back(layer.name + ": " + layer.operation);
  EXPECT_EQ(texts[0], "pad: pad to a multiple of 4");
  EXPECT_EQ(texts[1], "encoder.0.conv1: conv 3x3, batch norm, relu");
  EXPECT_EQ(texts[3], "encoder.0.pool: max pool 2x2");
  EXPECT_EQ(texts[5], "encoder.1.conv2: conv 3x3, batch norm, relu, dropout 0.5");
  EXPECT_EQ(texts.back(), "crop: crop to the image");
  EXPECT_EQ(layers[1].parameters, 3 * 4 * 9 + 2 * 4);
  EXPECT_EQ(layers[1].values, 3 * 4 * 32 * 32);
}

TEST(Layers, AddUpToTheNodes) {
  const Graph graph = describe_unet(small_unet("group", "silu"), 3);
  int64_t parameters = 0, multiply_adds = 0, values = 0;
  for (const NodeCost& cost : node_costs(graph, 40, 24)) {
    parameters += cost.parameters;
    multiply_adds += cost.multiply_adds;
    values += cost.shape.values();
  }
  const Layer total = total_of(layers_of(graph, 40, 24));
  EXPECT_EQ(total.parameters, parameters);
  EXPECT_EQ(total.multiply_adds, multiply_adds);
  EXPECT_EQ(total.values, values - 3 * 40 * 24) << "without the image itself";
}

/// Returns the peak tensor memory of two training steps, in bytes.
int64_t training_peak(const Config& config, int64_t batch, int64_t side) {
  return peak_of(log_allocations([&] {
    Learner learner(config, {0.5, 0.5, 0}, 3,
                    choose_execution("cpu", config.train.precision, MemoryFormatOption::automatic));
    for (int64_t step = 1; step <= 2; ++step) {
      learner.begin_step();
      learner.add_gradients(torch::zeros({batch, 3, side, side}), {torch::zeros({batch, side, side}, torch::kLong)});
      learner.clip_gradients();
      learner.update(1e-3, 0.5);
    }
  }));
}

TEST(MemoryForecast, IsThePeakOfTheTensorsPlusATenthForFragmentation) {
  std::vector<std::vector<std::string>> cases{{"model.norm=instance", "model.activation=silu"},
                                              {"model.norm=group", "train.ema_decay=0.9"},
                                              {"model.norm=none", "model.dropout=0.5", "loss.terms=[dice]"},
                                              {"train.precision=bf16", "model.activation=leaky_relu"},
                                              {"train.checkpoint_activations=true", "model.dropout=0.5"}};
  for (const std::string& name : optimizer_rules().names()) cases.push_back({"train.optimizer.name=" + name});
  for (auto settings : cases) {
    const std::string text = join(settings);
    for (const char* common : {"model.num_classes=3", "model.depth=3", "model.base_channels=8", "data.num_workers=0",
                               "train.batch_size=4", "data.channels=3", "data.size=[96,96]"})
      settings.emplace_back(common);
    Config config = config_with_settings(settings);
    const Inspection inspection = inspect(config, "test", {}, 0);
    const auto peak = static_cast<double>(training_peak(config, 4, 96));
    const double forecast = static_cast<double>(inspection.memory.training_step) / (1.1 * peak);
    EXPECT_GT(forecast, 0.9) << text;
    EXPECT_LT(forecast, 1.15)
        << text;  // largest with LibTorch 2.6 in bf16, which frees more with activation checkpoints
  }
}

TEST(Inspection, ListsItsAssumptions) {
  Config config = config_with_settings({});
  const Inspection inspection = inspect(config, "defaults", {}, 0);
  EXPECT_EQ(inspection.assumptions, (std::vector<std::string>{"data.channels is auto: 3", "data.size is auto: 256x256",
                                                              "model.num_classes is auto: 2"}));
  Config labeled = config_with_settings({"data.labels={0: 0, 7: 1, 9: 2}", "data.channels=1", "data.size=[64, 96]"});
  const Inspection known = inspect(labeled, "labeled", {}, 0);
  EXPECT_TRUE(known.assumptions.empty());
  EXPECT_EQ(known.layers.back().shape.channels, 3);
  EXPECT_EQ(known.sizes.image_width, 96);
}

TEST(Inspection, ResizedImagesHaveTheTrainingSize) {
  Config config = config_with_settings({"data.size=[64, 64]", "data.size_policy=resize"});
  EXPECT_EQ(inspect(config, "test", {300, 400}, 0).layers.front().shape.height, 64);
  Config whole = config_with_settings({"data.size=[64, 64]"});
  EXPECT_EQ(inspect(whole, "test", {300, 400}, 0).layers.front().shape.height, 304);
}

TEST(Inspection, RefusesASizeThatTheDepthDoesNotAllow) {
  Config config = config_with_settings({"data.size=[16, 16]"});
  EXPECT_TRUE(contains(error_text(ErrorKind::config, [&] { inspect(config, "test", {}, 0); }),
                       "expected at least 32, so that the deepest level has at least 2x2 pixels"));
}

TEST(Inspection, TableAndJsonAgree) {
  Config config = config_with_settings({"model.depth=2", "model.base_channels=4", "data.size=[64, 64]"});
  const Inspection inspection = inspect(config, "my.yaml", {}, 0);
  const std::string table = to_table(inspection);
  EXPECT_EQ(table.rfind("my.yaml\n", 0), 0u);
  const auto document = to_json(inspection);
  EXPECT_EQ(document.at("layers").size(), inspection.layers.size());
  for (const auto& layer : document.at("layers")) EXPECT_TRUE(contains(table, layer.at("name").get<std::string>()));
  EXPECT_EQ(document.at("total").at("parameters"), total_of(inspection.layers).parameters);
  EXPECT_EQ(document.at("memory").at("training_step_bytes"), inspection.memory.training_step);
}

}  // namespace
}  // namespace unet
