#include "data/samples/augment_presets.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "configs/schema/writer.h"

namespace unet {
namespace {

struct AugmentSection : Options {
  AugmentOptions augment;
  void fields(FieldVisitor& visit) override { visit("augment", augment, "augmentation"); }
};

using OptionValues = std::map<std::string, std::string>;

/// Reads a config and applies its preset.
OptionValues resolved_values(const Tree& tree) {
  AugmentSection section;
  Locations locations = read_options(tree, section);
  apply_augment_preset(section.augment, locations, "augment");
  return option_values(section);
}

OptionValues resolved_values(const std::string& text) { return resolved_values(parse_yaml(text, "my.yaml")); }

OptionValues probabilities(const OptionValues& values) {
  OptionValues result;
  for (const auto& [path, value] : values)
    if (path.find(".probability") != std::string::npos) result[path] = value;
  return result;
}

TEST(AugmentPreset, WithoutAPresetTheDefaultsOfTheRowsStay) {
  const OptionValues defaults = option_values(AugmentSection());
  EXPECT_EQ(resolved_values("{}"), defaults);
  EXPECT_EQ(resolved_values("augment: {preset: custom}"), defaults);
}

TEST(AugmentPreset, NoneSwitchesEveryRowOff) {
  for (const auto& [path, value] : probabilities(resolved_values("augment: {preset: none}")))
    EXPECT_EQ(value, "0") << path;
}

TEST(AugmentPreset, EachAppliesAtLeastWhatAWeakerOneDoes) {
  OptionValues weaker = resolved_values("augment: {preset: none}");
  for (const std::string name : {"light", "standard", "strong"}) {
    const OptionValues values = resolved_values("augment: {preset: " + name + "}");
    EXPECT_EQ(values.at("augment.preset"), "custom") << "a resolved config says its values";
    int raised = 0;
    for (const auto& [path, value] : probabilities(values)) {
      EXPECT_GE(std::stod(value), std::stod(weaker.at(path))) << name << ": " << path;
      raised += std::stod(value) > std::stod(weaker.at(path));
    }
    EXPECT_GE(raised, 4) << name;
    weaker = values;
  }
}

TEST(AugmentPreset, KeysGivenBesideItWinOneByOne) {
  const OptionValues values =
      resolved_values("augment: {preset: strong, rotation: {degrees: [-5, 5]}, noise: {probability: 0}}");
  EXPECT_EQ(values.at("augment.rotation.degrees"), "[-5, 5]");
  EXPECT_EQ(values.at("augment.rotation.probability"), "0.5");
  EXPECT_EQ(values.at("augment.noise.probability"), "0");
  EXPECT_EQ(values.at("augment.contrast.probability"), "0.3");
}

TEST(AugmentPreset, KeysOfABaseGiveWayAndThoseOfTheCommandLineWin) {
  Tree tree = parse_yaml("augment: {rotation: {probability: 1, degrees: [-90, 90]}, elastic: {probability: 1}}",
                         "base.yaml", 1);
  merge(tree, parse_yaml("augment: {preset: standard, scale: {probability: 0.75}}", "my.yaml"));
  set_value(tree, "augment.contrast.probability=0.9");
  const OptionValues values = resolved_values(tree);
  EXPECT_EQ(values.at("augment.rotation.probability"), "0.2");
  EXPECT_EQ(values.at("augment.rotation.degrees"), "[-15, 15]");
  EXPECT_EQ(values.at("augment.elastic.probability"), "0");
  EXPECT_EQ(values.at("augment.scale.probability"), "0.75");
  EXPECT_EQ(values.at("augment.contrast.probability"), "0.9");
}

TEST(AugmentPreset, OfTheCommandLineReplacesTheKeysOfTheConfig) {
  Tree tree = parse_yaml("augment: {rotation: {probability: 1}, scale: {probability: 1}}", "my.yaml");
  set_value(tree, "augment.preset=none");
  set_value(tree, "augment.scale.probability=0.5");
  const OptionValues values = resolved_values(tree);
  EXPECT_EQ(values.at("augment.rotation.probability"), "0");
  EXPECT_EQ(values.at("augment.scale.probability"), "0.5");
}

TEST(AugmentPreset, AResolvedConfigReadsBackToTheSameValues) {
  AugmentSection section;
  Locations locations = read_options(parse_yaml("augment: {preset: strong}", "my.yaml"), section);
  apply_augment_preset(section.augment, locations, "augment");
  EXPECT_EQ(resolved_values(to_yaml(section, Comments::none)), option_values(section));
  EXPECT_TRUE(locations.has("augment.intensity_unit")) << "amounts beside a preset are in its unit";
}

}  // namespace
}  // namespace unet
