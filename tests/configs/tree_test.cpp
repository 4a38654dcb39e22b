#include "configs/schema/tree.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "configs/schema/presets.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

Tree parse(const std::string& yaml) { return parse_yaml(yaml, "c.yaml"); }

std::string yaml_error(const std::string& yaml) {
  return config_error([&] { parse(yaml); });
}

/// Returns the scalar at a path of keys and list indices.
std::string scalar_at(const Tree& tree, const std::vector<std::string>& path) {
  const Tree* place = &tree;
  for (const std::string& key : path)
    place = place->kind == Tree::Kind::list ? &place->items.at(std::stoul(key)) : place->find(key);
  return place->scalar;
}

Tree tree_after_set(const std::string& yaml, const std::string& assignment) {
  Tree tree = parse(yaml);
  set_value(tree, assignment);
  return tree;
}

std::string set_error(const std::string& yaml, const std::string& assignment) {
  return config_error([&] { tree_after_set(yaml, assignment); });
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(ParseYaml, RecordsThePlaceOfEachValue) {
  const Tree tree = parse("a: 1\nb:\n  - x\n  - {c: 2}\n");
  EXPECT_EQ(tree.entries.at(0).where.text(), "c.yaml:1:1");
  EXPECT_EQ(tree.find("a")->where.text(), "c.yaml:1:4");
  EXPECT_EQ(tree.find("b")->items.at(1).entries.at(0).where.text(), "c.yaml:4:6");
}

TEST(ParseYaml, RefusesDuplicateKeys) {
  EXPECT_TRUE(contains(yaml_error("a: 1\nb: 2\na: 3\n"), "c.yaml:3:1: duplicate key 'a', first given at line 1"));
  EXPECT_TRUE(contains(yaml_error("x:\n  a: 1\n  a: 1\n"), "c.yaml:3:3: duplicate key 'a', first given at line 2"));
}

TEST(ParseYaml, RefusesKeysThatAreNotScalars) {
  EXPECT_TRUE(contains(yaml_error("? [1, 2]\n: 3\n"), ": a key must be a plain word or number"));
}

TEST(ParseYaml, ReportsSyntaxErrorsWithTheirPlace) {
  EXPECT_TRUE(contains(yaml_error("a: [1, 2\nb: 3\n"), "c.yaml:2:")) << yaml_error("a: [1, 2\nb: 3\n");
  EXPECT_TRUE(contains(yaml_error("a: [1, 2\nb: 3\n"), ": not valid YAML: "));
  EXPECT_TRUE(contains(yaml_error("a: 'x"), ": not valid YAML: "));
  EXPECT_TRUE(contains(yaml_error("a: b: c"), "c.yaml:1:5: not valid YAML: "));
  EXPECT_TRUE(contains(yaml_error("a: *unknown"), ": not valid YAML: "));
}

TEST(ParseYaml, RefusesAnAliasThatContainsItself) {
  EXPECT_TRUE(
      contains(yaml_error("a: &a [1, *a]"), ": nested deeper than 32 levels, or an alias that contains itself"));
}

TEST(ParseYaml, RefusesAliasBombs) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + previous;
    for (int j = 0; j < 9; ++j) bomb += ", " + previous;
    bomb += "]\n";
  }
  EXPECT_TRUE(contains(yaml_error(bomb), ": more than 100000 values once aliases are expanded"));
}

TEST(ParseYaml, RefusesDeepNesting) {
  EXPECT_TRUE(contains(yaml_error(std::string(40, '[') + std::string(40, ']')), ": nested deeper than 32 levels"));
  EXPECT_TRUE(contains(yaml_error(std::string(100000, '[')), "c.yaml:1:"));
}

TEST(ParseYaml, ExpandsAliases) { EXPECT_EQ(scalar_at(parse("a: &a {b: 1}\nc: *a\n"), {"c", "b"}), "1"); }

TEST(Merge, MergesMapsAndReplacesOtherValues) {
  Tree tree = parse("a: {b: 1, c: 2}\nd: [1, 2]\n");
  merge(tree, parse("a: {c: 3, e: 4}\nd: [5]\n"));
  EXPECT_EQ(scalar_at(tree, {"a", "b"}), "1");
  EXPECT_EQ(scalar_at(tree, {"a", "c"}), "3");
  EXPECT_EQ(scalar_at(tree, {"a", "e"}), "4");
  EXPECT_EQ(tree.find("d")->items.size(), 1u);
}

TEST(Merge, AnotherRowsNameReplacesTheMap) {
  Tree tree = parse("optimizer: {name: sgd, momentum: 0.9}");
  merge(tree, parse("optimizer: {name: adam}"));
  EXPECT_EQ(tree.find("optimizer")->find("momentum"), nullptr);
  merge(tree, parse("optimizer: {name: adam, eps: 1}"));
  merge(tree, parse("optimizer: {name: adam}"));
  EXPECT_EQ(scalar_at(tree, {"optimizer", "eps"}), "1");
}

TEST(SetValue, ReplacesAndAdds) {
  EXPECT_EQ(scalar_at(tree_after_set("train: {lr: 1}", "train.lr=3e-4"), {"train", "lr"}), "3e-4");
  EXPECT_EQ(scalar_at(tree_after_set("", "train.lr=3e-4"), {"train", "lr"}), "3e-4");
  EXPECT_EQ(scalar_at(tree_after_set("", "name=a=b"), {"name"}), "a=b");
}

TEST(SetValue, ParsesItsValueAsYaml) {
  EXPECT_EQ(tree_after_set("", "data.size=[32, 64]").find("data")->find("size")->items.size(), 2u);
}

TEST(SetValue, ReachesListItemsByIndex) {
  const std::string yaml = "loss: {terms: [cross_entropy, {name: dice, smooth: 0}]}";
  const Tree tree = tree_after_set(yaml, "loss.terms.1.weight=2");
  EXPECT_EQ(scalar_at(tree, {"loss", "terms", "1", "weight"}), "2");
  EXPECT_EQ(scalar_at(tree, {"loss", "terms", "1", "smooth"}), "0");
}

TEST(SetValue, AddsOptionsToARowGivenByName) {
  const Tree tree = tree_after_set("optimizer: adamw", "optimizer.eps=1e-6");
  EXPECT_EQ(scalar_at(tree, {"optimizer", "name"}), "adamw");
  EXPECT_EQ(scalar_at(tree, {"optimizer", "eps"}), "1e-6");
}

TEST(SetValue, IsThePlaceOfItsValue) {
  EXPECT_EQ(tree_after_set("", "train.lr=fast").find("train")->find("lr")->where.text(), "--set train.lr=fast");
}

TEST(SetValue, RefusesOtherForms) {
  EXPECT_TRUE(contains(set_error("", "train.lr"), "--set train.lr: expected KEY=VALUE"));
  EXPECT_TRUE(contains(set_error("", "=3"), "--set =3: expected KEY=VALUE"));
  EXPECT_EQ(set_error("", "train..lr=3").rfind("--set train..lr=3: not a key", 0), 0u);
  EXPECT_TRUE(contains(set_error("", "train.lr=[1"), "--set train.lr=[1:1:"));
}

TEST(SetValue, RefusesIndicesBeyondTheList) {
  EXPECT_TRUE(contains(set_error("a: [1, 2]", "a.2=3"), "--set a.2=3: '2' is not an index of a list of 2 items"));
  EXPECT_TRUE(contains(set_error("a: [1, 2]", "a.x=3"), "--set a.x=3: 'x' is not an index of a list of 2 items"));
}

TEST(LoadConfig, MergesAFileOverItsBases) {
  TempFolder folder;
  std::filesystem::create_directory(folder / "deep");
  write(folder / "first.yaml", "train: {lr: 1, epochs: 1, seed: 1}");
  write(folder / "deep/second.yaml", "base: ../first.yaml\ntrain: {epochs: 2, seed: 2}");
  write(folder / "third.yaml", "base: deep/second.yaml\ntrain: {seed: 3}");
  const Tree tree = load_config_file(folder / "third.yaml");
  EXPECT_EQ(scalar_at(tree, {"train", "lr"}), "1");
  EXPECT_EQ(scalar_at(tree, {"train", "epochs"}), "2");
  EXPECT_EQ(scalar_at(tree, {"train", "seed"}), "3");
  EXPECT_EQ(tree.find("base"), nullptr);
  EXPECT_TRUE(contains(tree.find("train")->find("lr")->where.text(), "first.yaml:1:"));
}

TEST(LoadConfig, ABaseMayBeAPreset) {
  TempFolder folder;
  const Tree tree = load_config_text("base: default\nextra: 1", "c.yaml", folder.path());
  EXPECT_EQ(scalar_at(tree, {"extra"}), "1");
  EXPECT_GT(tree.entries.size(), 1u);
}

TEST(LoadConfig, RefusesABaseThatNamesItself) {
  TempFolder folder;
  write(folder / "loop.yaml", "base: loop.yaml");
  const auto text = config_error([&] { load_config_file(folder / "loop.yaml"); });
  EXPECT_TRUE(contains(text, "loop.yaml:1:1: more than 16 files in a chain of base:. Check for a config that names itself")) << text;
}

TEST(LoadConfig, RefusesABaseThatIsNotAScalar) {
  const auto text = config_error([] { load_config_text("base: [a]", "c.yaml", ""); });
  EXPECT_TRUE(contains(text, "c.yaml:1:1: base: expected the path of a file or the name of a preset"));
}

TEST(LoadConfig, NamesAMissingFileAndThePresets) {
  TempFolder folder;
  const auto text = error_text(ErrorKind::missing_input, [&] { load_config_file(folder / "none.yaml"); });
  EXPECT_TRUE(contains(text, "none.yaml: cannot be read. Give a YAML file or one of the presets: ")) << text;
  EXPECT_TRUE(contains(text, "default")) << text;
  const auto misspelled = error_text(ErrorKind::missing_input, [&] { load_config_file(folder / "defalt"); });
  EXPECT_TRUE(contains(misspelled, "defalt: cannot be read. Did you mean 'default'? ")) << misspelled;
  const auto folder_text = error_text(ErrorKind::missing_input, [&] { load_config_file(folder.path()); });
  EXPECT_TRUE(contains(folder_text, ": cannot be read.")) << folder_text;
}

TEST(LoadConfig, RefusesFilesThatAreNotMapsOrTooLarge) {
  TempFolder folder;
  write(folder / "list.yaml", "[1, 2]");
  EXPECT_TRUE(contains(config_error([&] { load_config_file(folder / "list.yaml"); }), ": expected a map of sections"));
  write(folder / "large.yaml", "a: " + std::string(5 << 20, 'x'));
  EXPECT_TRUE(contains(config_error([&] { load_config_file(folder / "large.yaml"); }), "; this is not a config"));
}

TEST(LoadConfig, AnEmptyFileIsAnEmptyMap) { EXPECT_EQ(load_config_text("", "c.yaml", "").kind, Tree::Kind::map); }

TEST(Presets, HaveAMeaningAndParse) {
  ASSERT_FALSE(presets().empty());
  for (const Preset& preset : presets()) {
    EXPECT_GT(preset.meaning.size(), 10u) << preset.name;
    EXPECT_NO_THROW(load_config_text(preset.text, "preset " + preset.name, "")) << preset.name;
    EXPECT_EQ(find_preset(preset.name), &preset);
  }
  EXPECT_EQ(find_preset("no such preset"), nullptr);
}

TEST(SetValue, AnotherRowsNameRemovesTheOptionsOfThePreviousRow) {
  const Tree tree = tree_after_set("optimizer: {name: adamw, betas: [0.9, 0.99]}", "optimizer.name=sgd");
  EXPECT_EQ(tree.find("optimizer")->entries.size(), 1u);
  EXPECT_EQ(scalar_at(tree, {"optimizer", "name"}), "sgd");
  const Tree same = tree_after_set("optimizer: {name: adamw, eps: 1}", "optimizer.name=adamw");
  EXPECT_EQ(scalar_at(same, {"optimizer", "eps"}), "1");
}

TEST(SetValue, NameAndModeAreTheSameKey) {
  Tree tree = parse_yaml("upsampling: nearest", "c.yaml");
  set_value(tree, "upsampling.kernel_size=0");  // turns the scalar into a map
  set_value(tree, "upsampling.mode=nearest");
  set_value(tree, "upsampling={mode: nearest, kernel_size: 1}");
  ASSERT_EQ(tree.find("upsampling")->entries.size(), 2u);
  EXPECT_EQ(tree.find("upsampling")->find("kernel_size")->scalar, "1");
  set_value(tree, "upsampling={mode: bilinear}");
  EXPECT_EQ(tree.find("upsampling")->entries.size(), 1u) << "another row has other options";
}

}  // namespace
}  // namespace unet
