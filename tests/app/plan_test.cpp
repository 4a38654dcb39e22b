// The parts of a plan around its choices: what is given, memory, speeds, the written config, forecast and truth.

#include "app/planning/plan.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "app/planning/memory_size.h"
#include "app/planning/plan_record.h"
#include "app/planning/plan_text.h"
#include "app/planning/speed_cache.h"
#include "data/files/atomic_file.h"
#include "tests/support/contains.h"
#include "tests/support/file_text.h"
#include "tests/support/planner_facts.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

constexpr int64_t kGib = int64_t{1} << 30;

Plan small_plan() {
  Plan plan;
  plan.input =
      planner_input(20, 565, 584, {planner_class("background", 0.9, 40, 90), planner_class("v", 0.1, 4, 8)}, "4m");
  const PlannedConfig planned(plan.input);
  plan.options = planned.options;
  plan.forecast = {240, kGib, 600, 2400};
  return plan;
}

TEST(Plan, AnOptionIsGivenWithItsPartsAndItsWhole) {
  Tree given = load_config("");
  for (const char* setting : {"train.lr=1", "loss.terms.0.weight=2", "train.optimizer=sgd"}) set_value(given, setting);
  for (const char* path : {"train.lr", "loss.terms", "loss.terms.0.weight", "train.optimizer.betas"})
    EXPECT_TRUE(is_given(given, path)) << path;
  for (const char* path : {"train.epochs", "loss.terms.0.name", "model.depth"})
    EXPECT_FALSE(is_given(given, path)) << path;
}

TEST(Plan, TheBatchIsHalvedBeforeActivationsAreRecomputed) {
  const auto bytes = [](const Config& config) {
    return config.train.batch_size * kGib / (config.train.checkpoint_activations ? 2 : 1);
  };
  const auto fitted = [&](int64_t memory, const std::vector<std::string>& settings) {
    Config config;
    Tree given = load_config("");
    for (const std::string& setting : settings) set_value(given, setting);
    read_config(given, config);
    std::vector<PlannedOption> options{{"train.batch_size", "8", "many steps"}};
    fit_into_memory(memory, bytes, given, config, options);
    return std::make_pair(config.train.batch_size, config.train.checkpoint_activations);
  };
  EXPECT_EQ(fitted(8 * kGib, {}), std::make_pair(int64_t{8}, false));
  EXPECT_EQ(fitted(3 * kGib, {}), std::make_pair(int64_t{2}, false));
  EXPECT_EQ(fitted(kGib / 2, {}), std::make_pair(int64_t{1}, true));
  EXPECT_EQ(fitted(4 * kGib, {"train.batch_size=8"}), std::make_pair(int64_t{8}, true)) << "the user's batch stays";
  EXPECT_EQ(fitted(1, {}), std::make_pair(int64_t{1}, true)) << "ends where nothing is left to change";
}

TEST(Plan, MemorySizesAreReadWithTheirUnits) {
  EXPECT_EQ(parse_memory_size("8G"), 8 * kGib);
  EXPECT_EQ(parse_memory_size("1.5GiB"), 3 * kGib / 2);
  EXPECT_EQ(parse_memory_size("512m"), kGib / 2);
  EXPECT_EQ(parse_memory_size("900000000"), 900000000);
  for (const char* text : {"", "G", "8X", "-1G", "0", "1e3", "8 G B", "1e30G"})
    EXPECT_FALSE(parse_memory_size(text)) << text;
}

TEST(SpeedCache, KeepsSpeedsBetweenPrograms) {
  const TempFolder folder;
  const std::string file = folder / "new/speeds.json";
  EXPECT_FALSE(SpeedCache(file).find("a"));
  SpeedCache cache(file);
  cache.add("a", {16, 1.25, 0.5});
  cache.save();
  const auto found = SpeedCache(file).find("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->width, 16);
  EXPECT_EQ(found->train, 1.25);
  EXPECT_EQ(found->predict, 0.5);
  EXPECT_FALSE(SpeedCache(file).find("b"));
}

TEST(SpeedCache, ADamagedFileCountsAsEmpty) {
  const TempFolder folder;
  const std::string file = folder / "speeds.json";
  for (const char* text :
       {"", "{", "[]", "{\"a\": 1}", "{\"a\": {\"width\": 16, \"train\": -1, \"predict\": 1, \"number\": 0}}"}) {
    write_file(file, text);
    EXPECT_FALSE(SpeedCache(file).find("a")) << text;
  }
  SpeedCache unwritable("/dev/null/speeds.json");
  unwritable.add("a", {16, 1, 1});
  EXPECT_NO_THROW(unwritable.save());
}

TEST(PlanConfig, ReadsBackToTheChosenValues) {
  const Plan plan = small_plan();
  Tree given = load_config("");
  set_value(given, "data.ignore_values=[11]");
  set_value(given, "train.seed=3");
  const std::string text = to_yaml(plan, given, "unet plan images --time 4m");
  Tree expected_tree = given;
  for (const PlannedOption& each : plan.options) set_value(expected_tree, each.path + "=" + each.value);
  Config expected, read;
  read_config(expected_tree, expected);
  read_config(load_config_text(text, "plan.yaml", ""), read);
  EXPECT_EQ(config_differences(expected, read), std::vector<std::string>{}) << text;
  EXPECT_EQ(read.train.seed, 3);
  EXPECT_TRUE(contains(text, "# unet plan images --time 4m\n"));
  for (const PlannedOption& each : plan.options) EXPECT_TRUE(contains(text, "# " + each.reason)) << each.path;
}

TEST(PlanConfig, TextsThatYamlWouldReadOtherwiseAreQuoted) {
  Tree tree = load_config("");
  set_value(tree, R"(data.val_stems=["24", "a: b", "#c", "", "it's", "x\ny"])");
  set_value(tree, R"(data.labels={0: 0, "#800000": 1})");
  const std::string text = to_yaml(tree, {});
  Config before, after;
  read_options(tree, before);
  read_options(parse_yaml(text, "test"), after);
  EXPECT_EQ(after.data.val_stems, (std::vector<std::string>{"24", "a: b", "#c", "", "it's", "x\ny"}));
  EXPECT_EQ(config_differences(before, after), std::vector<std::string>{}) << text;
}

TEST(PlanReport, HasALineForEachChoice) {
  const Plan plan = small_plan();
  const std::string table = to_table(plan);
  const auto json = to_json(plan);
  EXPECT_EQ(json["choices"].size(), plan.options.size());
  EXPECT_EQ(json["forecast"]["seconds"], 240);
  EXPECT_EQ(json["data"]["training_images"], 20);
  size_t lines = 0;
  for (const PlannedOption& each : plan.options) lines += contains(table, "\n  " + each.path + " ") ? 1 : 0;
  EXPECT_EQ(lines, plan.options.size());
}

TEST(PlanRecord, HoldsForecastAndTruth) {
  spdlog::set_level(spdlog::level::off);
  const TempFolder folder;
  const std::string file = folder / "plan.json";
  record_outcome(file, {1, 1, 1, 1, 240});
  EXPECT_EQ(file_text(file), "") << "a run without a plan";
  write_plan(file, small_plan());
  record_outcome(file, {600, kGib, 1300, 5200, 540});
  EXPECT_FALSE(nlohmann::json::parse(file_text(file)).contains("truth")) << "it was lengthened";
  record_outcome(file, {246, kGib, 650, 2600, 240});
  const auto json = nlohmann::json::parse(file_text(file));
  EXPECT_EQ(json["forecast"]["steps"], 600);
  EXPECT_EQ(json["truth"]["steps"], 650);
  EXPECT_EQ(json["truth"]["seconds"], 246);
  write_file(file, "{}");
  EXPECT_NO_THROW(record_outcome(file, {1, 1, 1, 1}));
}

}  // namespace
}  // namespace unet
