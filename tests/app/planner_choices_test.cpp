// What a plan chooses for data sets that differ, from facts alone.

#include <gtest/gtest.h>

#include <set>

#include "app/planning/choices.h"
#include "app/planning/resolution.h"
#include "configs/schema/writer.h"
#include "tests/support/planner_facts.h"

namespace unet {
namespace {

using Values = std::vector<int64_t>;

double augment_probability(const PlannedConfig& plan, const std::string& name) {
  return std::stod(option_values(plan.config).at("augment." + name + ".probability"));
}

/// 20 photographs with thin vessels.
PlanInput thin_curves(const std::string& time) {
  PlanInput input = planner_input(
      20, 565, 584, {planner_class("background", 0.91, 30, 90), planner_class("vessel", 0.09, 4, 8)}, time);
  input.data.mask_iou = {1, 0.9, 0.78, 0.65, 0.5, 0.4, 0.3};
  return input;
}

/// Street scenes, whose upper half is sky.
PlanInput oriented_scenes(int64_t images, int64_t height, int64_t width, const std::string& time) {
  PlanInput input = planner_input(
      images, height, width,
      {planner_class("sky", 0.4, 80, 200), planner_class("road", 0.4, 90, 250), planner_class("car", 0.2, 40, 90)},
      time);
  input.data.orientation.vertical.matters = true;
  input.data.mask_iou = {1, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93};
  return input;
}

TEST(PlannerChoices, ThinCurvesKeepTheirResolutionAndGetManySmallSteps) {
  const PlannedConfig plan(thin_curves("4m"));
  EXPECT_EQ(plan.config.data.size_policy, SizePolicy::crop);
  EXPECT_GE(plan.config.data.size.at(0), 128);
  EXPECT_LE(plan.config.data.size.at(0), 256);
  EXPECT_EQ(plan.config.model.base_channels, 16);
  EXPECT_LE(plan.config.train.batch_size, 4);
  EXPECT_GE(expected_steps(thin_curves("4m"), plan.config), 400);
  EXPECT_EQ(plan.config.train.best_by, "mean_foreground_iou");
  EXPECT_GT(plan.config.train.ema_decay, 0.9);
  EXPECT_EQ(augment_probability(plan, "horizontal_flip"), 0.5);
  EXPECT_EQ(augment_probability(plan, "quarter_turns"), 0.75);
}

TEST(PlannerChoices, LittleTimeGivesSmallerCropsUntilThereAreEnoughSteps) {
  const PlannedConfig plan(thin_curves("1m"));
  EXPECT_EQ(plan.config.data.size, (Values{128, 128}));
  EXPECT_EQ(plan.config.data.size_policy, SizePolicy::crop);
}

TEST(PlannerChoices, ARareForegroundOfTwoClassesNeedsNoClassWeights) {
  const PlannedConfig plan(planner_input(
      60, 512, 512, {planner_class("background", 0.99, 60, 200), planner_class("crack", 0.01, 3, 6)}, "10m"));
  EXPECT_EQ(plan.value("loss.terms"), "[{name: cross_entropy}, {name: dice}]");
  EXPECT_EQ(plan.config.train.best_by, "mean_foreground_iou");
  if (has_option("data.forced_foreground")) {
    EXPECT_NE(plan.value("data.forced_foreground"), "");
  }
}

TEST(PlannerChoices, LargeUniformScenesAreSeenSmaller) {
  const PlannedConfig plan(oriented_scenes(100, 2000, 3000, "30m"));
  EXPECT_EQ(plan.config.data.size_policy, SizePolicy::resize);
  EXPECT_LE(plan.config.data.size.at(0), 1000);
  EXPECT_NEAR(static_cast<double>(plan.config.data.size.at(1)) / static_cast<double>(plan.config.data.size.at(0)), 1.5,
              0.1);
  for (const int64_t side : plan.config.data.size) EXPECT_EQ(side % 32, 0);
  EXPECT_EQ(plan.value("data.forced_foreground"), "") << "crops only";
}

TEST(PlannerChoices, MoreTimeNeverSeesScenesSmaller) {
  int64_t before = 0;
  for (const char* time : {"2m", "10m", "1h", "10h"}) {
    const PlannedConfig plan(oriented_scenes(100, 720, 960, time));
    const bool is_whole = plan.config.data.size_policy == SizePolicy::resize;
    const int64_t seen = is_whole ? plan.config.data.size.at(0) : 720;
    EXPECT_GE(seen, before) << time;
    before = seen;
  }
}

TEST(PlannerChoices, ThinStructuresInLargeImagesAreNotSeenSmaller) {
  PlanInput input = planner_input(
      30, 3000, 3000, {planner_class("ground", 0.98, 200, 900), planner_class("crack", 0.02, 5, 12)}, "30m");
  input.data.mask_iou = {1, 0.9, 0.75, 0.6, 0.5, 0.4, 0.3};
  const PlannedConfig plan(input);
  EXPECT_EQ(plan.config.data.size_policy, SizePolicy::crop);
  EXPECT_EQ(plan.config.data.size, (Values{256, 256}));
  EXPECT_GE(plan.config.data.samples_per_image, 4);
}

TEST(PlannerChoices, ImagesOfDifferentAspectAreNeverResized) {
  PlanInput input = oriented_scenes(100, 2000, 3000, "30m");
  input.data.aspect_spread = 2;
  EXPECT_FALSE(choose_resolution(input).is_resized);
}

TEST(PlannerChoices, MasksThatLoseDetailAreNotSeenSmaller) {
  PlanInput input =
      planner_input(24, 512, 512, {planner_class("membrane", 0.2, 6, 9), planner_class("cell", 0.8, 50, 120)}, "1m");
  input.data.mask_iou = {1, 0.948, 0.9, 0.88, 0.8, 0.7, 0.6};
  EXPECT_FALSE(choose_resolution(input).is_resized);
}

TEST(PlannerChoices, SixImagesGiveMoreSamplesEach) {
  const PlannedConfig plan(
      planner_input(6, 400, 400, {planner_class("stone", 0.7, 20, 40), planner_class("pore", 0.3, 12, 30)}, "10m"));
  EXPECT_GE(plan.config.data.samples_per_image * 6, 50 * plan.config.train.batch_size);
}

TEST(PlannerChoices, ManyClassesWithARareOneGetClassWeights) {
  std::vector<ClassFacts> classes;
  for (int i = 0; i < 11; ++i) classes.push_back(planner_class(std::to_string(i), 0.0904, 20, 60));
  classes.push_back(planner_class("pole", 0.005, 3, 5));
  const PlannedConfig plan(planner_input(300, 360, 480, classes, "15m"));
  EXPECT_NE(plan.value("loss.terms").find("class_weights: auto"), std::string::npos);
  EXPECT_EQ(plan.config.train.best_by, "mean_iou");
}

TEST(PlannerChoices, ABackgroundOfMostPixelsDoesNotCountForTheBest) {
  const PlannedConfig plan(planner_input(
      40, 300, 300,
      {planner_class("none", 0.9, 50, 90), planner_class("a", 0.05, 9, 9), planner_class("b", 0.05, 9, 9)}, "10m"));
  EXPECT_EQ(plan.config.train.best_by, "mean_foreground_iou");
}

TEST(PlannerChoices, RoundTouchingObjectsAreCroppedAndTurned) {
  const PlannedConfig plan(planner_input(
      470, 256, 320, {planner_class("background", 0.85, 30, 80), planner_class("nucleus", 0.15, 14, 25)}, "4m"));
  EXPECT_EQ(plan.config.data.size_policy, SizePolicy::crop);
  EXPECT_LE(plan.config.data.size.at(0), 192);
  EXPECT_EQ(augment_probability(plan, "vertical_flip"), 0.5);
  EXPECT_EQ(plan.value("augment.rotation.degrees"), "[-45, 45]");
}

TEST(PlannerChoices, OrientedScenesAreNeitherTurnedNorUpsideDown) {
  const PlannedConfig plan(oriented_scenes(300, 360, 480, "15m"));
  EXPECT_EQ(augment_probability(plan, "vertical_flip"), 0);
  EXPECT_EQ(augment_probability(plan, "quarter_turns"), 0);
  EXPECT_EQ(augment_probability(plan, "horizontal_flip"), 0.5);
  EXPECT_EQ(plan.value("augment.rotation.degrees"), "[-7, 7]");
  PlanInput sided = oriented_scenes(300, 360, 480, "15m");
  sided.data.orientation.horizontal.matters = true;
  EXPECT_EQ(augment_probability(PlannedConfig(sided), "horizontal_flip"), 0);
}

TEST(PlannerChoices, SmallImagesAreSeenWhole) {
  const PlannedConfig plan(
      planner_input(240, 120, 120,
                    {planner_class("background", 0.6, 20, 60), planner_class("cytoplasm", 0.25, 15, 30),
                     planner_class("nucleus", 0.15, 30, 45)},
                    "3m"));
  EXPECT_EQ(plan.config.data.size_policy, SizePolicy::crop);
  EXPECT_EQ(plan.config.data.size, (Values{128, 128}));
  EXPECT_EQ(plan.config.model.depth, 4);
}

TEST(PlannerChoices, MoreTimeNeverGivesANarrowerNetwork) {
  int64_t before = 0;
  for (const char* time : {"10s", "1m", "5m", "1h", "10h", "4d"}) {
    const PlannedConfig plan(thin_curves(time));
    EXPECT_GE(plan.config.model.base_channels, before) << time;
    EXPECT_EQ(plan.config.model.max_channels, 16 * plan.config.model.base_channels);
    before = plan.config.model.base_channels;
  }
  EXPECT_GT(before, 16) << "much time allows a wide network";
}

TEST(PlannerChoices, TheUsersOptionsWinAndOthersFitThem) {
  const PlannedConfig plan(thin_curves("4m"),
                           {"model.base_channels=48", "data.size=[96, 96]", "augment.rotation.probability=0.7"});
  EXPECT_EQ(plan.config.model.base_channels, 48);
  EXPECT_EQ(plan.config.model.max_channels, 16 * 48);
  EXPECT_EQ(plan.config.data.size, (Values{96, 96}));
  EXPECT_EQ(plan.config.model.depth, 4) << "fits the crop";
  EXPECT_EQ(augment_probability(plan, "rotation"), 0.7);
  for (const char* path : {"model.base_channels", "data.size", "augment.rotation.probability"})
    EXPECT_EQ(plan.value(path), "") << path;
  EXPECT_EQ(plan.value("augment.rotation.degrees"), "[-45, 45]") << "key by key";
}

TEST(PlannerChoices, AListOfTheUserStaysWhole) {
  const PlannedConfig plan(thin_curves("4m"), {"loss.terms=[{name: dice}]"});
  EXPECT_EQ(plan.config.loss.terms.size(), 1u);
  EXPECT_EQ(plan.value("loss.terms"), "");
}

TEST(PlannerChoices, APresetOfTheUserDecidesOnAllAugmentation) {
  const PlanInput input = thin_curves("4m");
  Tree given = load_config("");
  set_value(given, "augment.preset=strong");
  Config draft = PlannedConfig(input).config;
  for (const PlannedOption& each : choose_options(input, given, draft))
    EXPECT_NE(each.path.rfind("augment.", 0), 0u) << each.path;
}

TEST(PlannerChoices, AmountsInTheUsersUnitAreLeftAlone) {
  const PlannedConfig plan(thin_curves("4m"), {"augment.brightness.shift=[-0.1, 0.1]"});
  EXPECT_EQ(plan.config.augment.intensity_unit, IntensityUnit::full_range) << "as configs without the unit have it";
  for (const char* path : {"augment.intensity_unit", "augment.brightness.shift", "augment.noise.probability"})
    EXPECT_EQ(plan.value(path), "") << path;
}

TEST(PlannerChoices, EpochsOfTheUserLeaveTheLengthAlone) {
  PlanInput input = thin_curves("");
  input.machine.speeds.clear();
  const PlannedConfig plan(input, {"train.epochs=5"}), again(input, {"train.epochs=5"});
  EXPECT_EQ(plan.config.train.epochs, 5);
  EXPECT_FALSE(plan.config.train.time_budget);
  for (const char* path : {"train.time_budget", "train.validation_share", "data.samples_per_image"})
    EXPECT_EQ(plan.value(path), "") << path;
  EXPECT_EQ(expected_steps(input, plan.config), 5 * 5) << "20 images in batches of 4";
  EXPECT_EQ(config_differences(plan.config, again.config), std::vector<std::string>{});
}

TEST(PlannerChoices, TheAverageSpansATwentiethOfTheSteps) {
  const PlanInput input = thin_curves("4m");
  const PlannedConfig plan(input);
  const double steps = expected_steps(input, plan.config);
  EXPECT_NEAR(plan.config.train.ema_decay, 1 - 20 / steps, 0.001);
  EXPECT_EQ(PlannedConfig(input, {"train.swa_start=0.7"}).value("train.ema_decay"), "");
}

TEST(PlannerChoices, EveryRowNamesAnOptionOnceAndItsValueIsAccepted) {
  std::set<std::string> paths;
  for (const PlannerChoice& row : planner_choices()) {
    EXPECT_TRUE(has_option(row.path)) << row.path;
    EXPECT_TRUE(paths.insert(row.path).second) << row.path;
  }
  for (const PlanInput& input : {thin_curves("4m"), oriented_scenes(100, 2000, 3000, "30m"), thin_curves("")}) {
    const PlannedConfig plan(input);
    Tree tree = load_config("");
    for (const PlannedOption& each : plan.options) {
      set_value(tree, each.path + "=" + each.value);
      EXPECT_NE(each.reason, "") << each.path;
    }
    Config read;
    EXPECT_NO_THROW(read_config(tree, read));
  }
}

TEST(MachineFacts, SpeedsFollowAPowerLawThroughTheMeasuredOnes) {
  MachineFacts facts;
  facts.speeds = {{16, 1, 0.5}, {32, 4, 1}};
  EXPECT_DOUBLE_EQ(facts.speed(16).train, 1);
  EXPECT_DOUBLE_EQ(facts.speed(32).train, 4);
  EXPECT_NEAR(facts.speed(64).train, 16, 1e-9);
  EXPECT_NEAR(facts.speed(8).predict, 0.25, 1e-9);
  facts.threads = 2;
  facts.load_seconds = 0.1;
  EXPECT_NEAR(facts.step_seconds(16, 4, 0.5), 4 * (0.5 + 0.05), 1e-9);
}

}  // namespace
}  // namespace unet
