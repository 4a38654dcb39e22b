#include "configs/schema/reader.h"

#include <gtest/gtest.h>

#include "tests/configs/sample_options.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

SampleOptions read(const std::string& yaml) {
  SampleOptions options;
  read_options(parse_yaml(yaml, "c.yaml"), options);
  return options;
}

std::string refusal(const std::string& yaml) {
  return config_error([&] { read(yaml); });
}

TEST(Reader, AnEmptyConfigLeavesTheDefaults) {
  const auto options = read("");
  EXPECT_EQ(options.count, 4);
  EXPECT_EQ(options.shape.name(), "circle");
}

TEST(Reader, EncodingsAndLineEndsOfEditorsAreRead) {
  const std::string mark = "\xEF\xBB\xBF", plain = "flag: true\ncount: 7\n", windows = "flag: true\r\ncount: 7\r\n";
  std::string utf16 = "\xFF\xFE";
  for (const char c : windows) utf16 += std::string{c, '\0'};
  for (const std::string& text : {windows, mark + plain, mark + windows, utf16, "# f\xFCr\n" + plain}) {
    EXPECT_EQ(read(text).count, 7) << text;
    EXPECT_TRUE(read(text).flag) << text;
  }
  for (const char* text : {"shape:\n\tname: circle\n",
                           "flag: true\n\xC2\xA0\xC2\xA0"
                           "count: 7\n"})
    EXPECT_NE(refusal(text).find("c.yaml:2:"), std::string::npos) << refusal(text);
}

TEST(Reader, ReadsEveryKindOfValue) {
  const auto options = read(R"(
flag: true
count: +7
ratio: 2.5e-1
word: "two words"
policy: resize
fill: striped
channels: 4
padding: 2
stride: [3, 1]
scale: [0.25, 4]
size: [32, 64]
mean: [0.1, 0.2, 0.3]
betas: [0.5, 0.75]
names: [sky, "road, wet"]
labels: {0: 0, 255: 1}
weights: [1, 2]
limit: 1h30m
file: weights.pth
train: {lr: 3e-4}
)");
  EXPECT_TRUE(options.flag);
  EXPECT_EQ(options.count, 7);
  EXPECT_EQ(options.ratio, 0.25);
  EXPECT_EQ(options.word, "two words");
  EXPECT_EQ(options.policy, "resize");
  EXPECT_EQ(options.fill, Fill::striped);
  EXPECT_EQ(options.channels, 4);
  EXPECT_EQ(options.padding, (PerAxis{2, 2}));
  EXPECT_EQ(options.stride, (PerAxis{3, 1}));
  EXPECT_EQ(options.scale.low, 0.25);
  EXPECT_EQ(options.scale.high, 4);
  EXPECT_EQ(options.size, (std::vector<int64_t>{32, 64}));
  EXPECT_EQ(options.mean, (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_EQ(options.betas, (std::vector<double>{0.5, 0.75}));
  EXPECT_EQ(options.names, (std::vector<std::string>{"sky", "road, wet"}));
  EXPECT_EQ(options.labels, (LabelClasses{{0, 0}, {255, 1}}));
  EXPECT_EQ(std::get<std::vector<double>>(options.weights), (std::vector<double>{1, 2}));
  EXPECT_EQ(options.limit.value().seconds, 5400);
  EXPECT_EQ(options.file, "weights.pth");
  EXPECT_EQ(options.train.lr, 3e-4);
  EXPECT_EQ(options.train.batch_size, 8);
}

TEST(Reader, AutoLeavesAValueUnset) {
  SampleOptions options;
  options.channels = 3;
  options.stride = PerAxis{2, 2};
  options.size = {1, 2};
  options.mean = {1};
  options.labels = {{1, 1}};
  read_options(
      parse_yaml("{channels: auto, stride: auto, size: auto, mean: auto, labels: auto, weights: auto}", "c.yaml"),
      options);
  EXPECT_FALSE(options.channels.has_value());
  EXPECT_FALSE(options.stride.has_value());
  EXPECT_TRUE(options.size.empty());
  EXPECT_TRUE(options.mean.empty());
  EXPECT_TRUE(options.labels.empty());
  EXPECT_EQ(std::get<Weighting>(options.weights), Weighting::automatic);
}

TEST(Reader, AWordTurnsAValueOff) {
  SampleOptions options = read("{limit: 90s, file: a.pth, weights: [1]}");
  read_options(parse_yaml("{limit: off, file: none, weights: none}", "c.yaml"), options);
  EXPECT_FALSE(options.limit.has_value());
  EXPECT_FALSE(options.file.has_value());
  EXPECT_EQ(std::get<Weighting>(options.weights), Weighting::none);
}

TEST(Reader, RefusesAWrongTypeAtItsPlace) {
  EXPECT_EQ(refusal("flag: maybe"), "c.yaml:1:7: flag: got 'maybe', expected true or false");
  EXPECT_EQ(refusal("count: 1.5"), "c.yaml:1:8: count: got '1.5', expected a whole number from 1 to 10");
  EXPECT_EQ(refusal("count: 3x"), "c.yaml:1:8: count: got '3x', expected a whole number from 1 to 10");
  EXPECT_EQ(refusal("\n\nratio: [1]"), "c.yaml:3:8: ratio: got a list, expected a number from 0 to 1");
  EXPECT_EQ(refusal("word: {a: b}"), "c.yaml:1:7: word: got a map, expected a word");
  EXPECT_EQ(refusal("channels: many"), "c.yaml:1:11: channels: got 'many', expected a whole number from 1 to 64");
  EXPECT_EQ(refusal("names: sky"), "c.yaml:1:8: names: got 'sky', expected a list");
  EXPECT_EQ(refusal("limit: 30"), "c.yaml:1:8: limit: got '30', expected a time such as 30m, 2h or 1h30m, or off");
  EXPECT_EQ(refusal("limit: [1]"), "c.yaml:1:8: limit: got a list, expected a time such as 30m, 2h or 1h30m, or off");
  EXPECT_EQ(refusal("file: [a]"), "c.yaml:1:7: file: got a list, expected a word");
  EXPECT_EQ(refusal("train: 3"), "c.yaml:1:8: train: got '3', expected a map of options");
  EXPECT_EQ(refusal("[1, 2]"), "c.yaml:1:1: config: got a list, expected a map of options");
}

TEST(Reader, RefusesAKeyWithoutAValue) {
  EXPECT_NE(refusal("count:").find("count: got nothing, expected a whole number from 1 to 10"), std::string::npos);
  EXPECT_NE(refusal("word:").find("word: got nothing, expected a word"), std::string::npos);
  EXPECT_NE(refusal("flag:").find("flag: got nothing, expected true or false"), std::string::npos);
}

TEST(Reader, RefusesNumbersOutsideTheirLimits) {
  EXPECT_EQ(refusal("count: 11"), "c.yaml:1:8: count: got '11', expected a whole number from 1 to 10");
  EXPECT_EQ(refusal("count: 99999999999999999999"),
            "c.yaml:1:8: count: got '99999999999999999999', expected a whole number from 1 to 10");
  EXPECT_EQ(refusal("train: {lr: 0}"), "c.yaml:1:13: train.lr: got '0', expected a number above 0");
  EXPECT_EQ(refusal("train: {lr: nan}"), "c.yaml:1:13: train.lr: got 'nan', expected a number above 0");
  EXPECT_EQ(refusal("train: {lr: inf}"), "c.yaml:1:13: train.lr: got 'inf', expected a number above 0");
  EXPECT_EQ(refusal("betas: [0.9, 1.5]"), "c.yaml:1:14: betas: got '1.5', expected a number from 0 to 1");
  EXPECT_EQ(refusal("labels: {3: 255}"), "c.yaml:1:13: labels: got '255', expected a whole number from 0 to 254");
}

TEST(Reader, AcceptsBothLimits) {
  EXPECT_EQ(read("count: 1").count, 1);
  EXPECT_EQ(read("count: 10").count, 10);
}

TEST(Reader, RefusesListsOfTheWrongLength) {
  EXPECT_EQ(refusal("betas: [0.9]"), "c.yaml:1:8: betas: got a list, expected a list of 2");
  EXPECT_EQ(refusal("scale: [1, 2, 3]"), "c.yaml:1:8: scale: got a list, expected a list of 2");
  EXPECT_EQ(refusal("size: [3]"), "c.yaml:1:7: size: got a list, expected a list of 2");
}

TEST(Reader, RefusesAReversedRange) {
  EXPECT_EQ(refusal("scale: [2, 1]"), "c.yaml:1:8: scale: got a list, expected [low, high] with low <= high");
}

TEST(Reader, RefusesLabelsThatAreNotNumbers) {
  const auto text = refusal("labels: {road: 1}");
  EXPECT_NE(text.find("c.yaml:1:10: labels: got 'road', expected a mask value"), std::string::npos) << text;
  EXPECT_EQ(refusal("labels: some"), "c.yaml:1:9: labels: got 'some', expected a map such as {0: 0, 255: 1}, or auto");
}

TEST(Reader, ListsAllMistakesInTheOrderOfTheFile) {
  EXPECT_EQ(refusal("train:\n  lr: fast\n  batchsize: 3\ncount: many\nshape: {name: circle, radius: 0}\n"),
            "c.yaml:2:7: train.lr: got 'fast', expected a number above 0\n"
            "c.yaml:3:3: unknown key 'train.batchsize'. Did you mean 'train.batch_size'? Expected one of batch_size, "
            "lr.\n"
            "c.yaml:4:8: count: " +
                refusal("count: many").substr(std::string("c.yaml:1:8: count: ").size()) +
                "\nc.yaml:5:31: shape.radius: got '0', expected a number above 0");
}

TEST(Reader, ShowsTenMistakesAndCountsTheOthers) {
  std::string yaml;
  for (int i = 0; i < 13; ++i) yaml += "xylophone" + std::to_string(i) + ": 1\n";
  const std::string text = refusal(yaml);
  EXPECT_NE(text.find("c.yaml:10:1: unknown key 'xylophone9'"), std::string::npos) << text;
  EXPECT_EQ(text.find("xylophone10"), std::string::npos) << text;
  EXPECT_NE(text.find("\nand 3 more"), std::string::npos) << text;
}

TEST(Reader, AMapNeedsNoSpaceAfterTheColon) {
  const auto expected = read("labels: {0: 0, 255: 1}").labels;
  EXPECT_EQ(read("labels: {0:0, 255:1}").labels, expected);
  EXPECT_EQ(read("labels: {0:0,255:1}").labels, expected);
  EXPECT_EQ(read("labels: {0:0, 255: 1}").labels, expected);
  EXPECT_NE(refusal("labels: {0:}").find("labels: got "), std::string::npos);
}

TEST(Reader, RefusesWordsThatAreNotListed) {
  EXPECT_EQ(refusal("policy: crops"),
            "c.yaml:1:9: policy: got 'crops'. Did you mean 'crop'? Expected one of crop, resize.");
  EXPECT_EQ(refusal("fill: stripd"),
            "c.yaml:1:7: fill: got 'stripd'. Did you mean 'striped'? Expected one of none, striped.");
  EXPECT_EQ(refusal("fill: [none]"), "c.yaml:1:7: fill: got a list, expected a word");
  EXPECT_EQ(refusal("weights: some"), "c.yaml:1:10: weights: got 'some', expected none, auto or a list of numbers");
  EXPECT_EQ(refusal("weights: noe"),
            "c.yaml:1:10: weights: got 'noe'. Did you mean 'none'? Expected none, auto or a list of numbers");
}

TEST(Reader, RefusesUnknownKeysWithTheNearestName) {
  EXPECT_EQ(refusal("train:\n  batchsize: 4"),
            "c.yaml:2:3: unknown key 'train.batchsize'. Did you mean 'train.batch_size'? "
            "Expected one of batch_size, lr.");
}

TEST(Reader, SuggestsOptionsForNamesFromOtherTools) {
  for (const char* name : {"learning_rate", "lerning_rate"}) {
    const auto text = refusal(concat("train: {", name, ": 1}"));
    EXPECT_NE(text.find("Did you mean 'train.lr'? Expected one of batch_size, lr."), std::string::npos) << text;
  }
}

TEST(Reader, SuggestsTheSectionOfAMisplacedKey) {
  const auto text = refusal("batch_size: 4");
  EXPECT_NE(text.find("Did you mean 'train.batch_size'?"), std::string::npos) << text;
}

TEST(Reader, SuggestsNothingIfNoNameIsSimilar) {
  const auto text = refusal("xylophone: 4");
  EXPECT_NE(text.find("c.yaml:1:1: unknown key 'xylophone', expected one of "), std::string::npos) << text;
  EXPECT_EQ(text.find("Did you mean"), std::string::npos) << text;
}

TEST(Reader, ChoosesARowByName) {
  const auto options = read("shape: square");
  EXPECT_EQ(options.shape.name(), "square");
  EXPECT_EQ(dynamic_cast<const Square&>(*options.shape).side, 3);
}

TEST(Reader, ChoosesARowWithItsOptions) {
  const auto options = read("shape: {name: square, side: 5, weight: 0.5}");
  EXPECT_EQ(dynamic_cast<const Square&>(*options.shape).side, 5);
  EXPECT_EQ(options.shape->weight, 0.5);
}

TEST(Reader, OptionsWithoutANameApplyToTheDefaultRow) {
  EXPECT_EQ(dynamic_cast<const Circle&>(*read("shape: {radius: 9}").shape).radius, 9);
}

TEST(Reader, RefusesUnknownRowsAndTheirUnknownOptions) {
  EXPECT_EQ(refusal("shape: sqare"),
            "c.yaml:1:8: shape: got 'sqare'. Did you mean 'square'? Expected one of circle, square.");
  EXPECT_EQ(refusal("shape: {name: circle, side: 2}"),
            "c.yaml:1:23: unknown key 'shape.side'. Did you mean 'shapes_drawn.0.side'? "
            "Expected one of name, radius, weight.");
  EXPECT_EQ(refusal("shape: [circle]"), "c.yaml:1:8: shape: got a list, expected one of circle, square");
}

TEST(Reader, AListOfRowsReplacesTheDefaultList) {
  const auto options = read("shapes_drawn: [circle, {name: square, side: 2}, circle]");
  ASSERT_EQ(options.shapes_drawn.size(), 3u);
  EXPECT_EQ(options.shapes_drawn[0].name(), "circle");
  EXPECT_EQ(dynamic_cast<const Square&>(*options.shapes_drawn[1]).side, 2);
  EXPECT_EQ(read("shapes_drawn: []").shapes_drawn.size(), 0u);
}

TEST(Reader, NamesTheInvalidListItem) {
  EXPECT_EQ(refusal("shapes_drawn: [circle, {name: square, side: 0}]"),
            "c.yaml:1:45: shapes_drawn.1.side: got '0', expected a whole number from 1 to 9");
  EXPECT_EQ(refusal("shapes_drawn: circle"), "c.yaml:1:15: shapes_drawn: got 'circle', expected a list");
}

TEST(Reader, ReadsAFormerNameWithANote) {
  SampleOptions options;
  const auto locations = read_options(parse_yaml("filling: striped", "c.yaml"), options);
  EXPECT_EQ(options.fill, Fill::striped);
  EXPECT_EQ(locations.text("fill"), "c.yaml:1:10: fill");
  ASSERT_EQ(locations.notes().size(), 1u);
  EXPECT_EQ(locations.notes()[0].rfind("c.yaml:1:1: filling is now called fill", 0), 0u) << locations.notes()[0];
  EXPECT_TRUE(read_options(parse_yaml("fill: striped", "c.yaml"), options).notes().empty());
}

TEST(Reader, RefusesAnOptionGivenUnderBothNames) {
  const auto text = refusal("fill: none\nfilling: striped");
  EXPECT_EQ(text.rfind("c.yaml:2:1: filling is the former name of fill, which is also given at c.yaml:1:1", 0), 0u)
      << text;
}

TEST(Reader, DoesNotListFormerNames) { EXPECT_EQ(refusal("xylophone: 4").find("filling"), std::string::npos); }

TEST(Locations, TellWhereAnOptionWasGiven) {
  SampleOptions options;
  const auto locations = read_options(parse_yaml("count: 2\ntrain:\n  lr: 0.1", "c.yaml"), options);
  EXPECT_EQ(locations.text("train.lr"), "c.yaml:3:7: train.lr");
  EXPECT_EQ(locations.text("train.batch_size"), "train.batch_size");
}

}  // namespace
}  // namespace unet
