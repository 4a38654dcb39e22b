#include "configs/schema/writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "configs/schema/json_schema.h"
#include "configs/schema/reader.h"
#include "tests/configs/sample_options.h"

namespace unet {
namespace {

using nlohmann::json;

SampleOptions read_sample(const std::string& yaml) {
  SampleOptions options;
  read_options(parse_yaml(yaml, "c.yaml"), options);
  return options;
}

/// Options that differ from the defaults in every field.
SampleOptions changed_options() {
  return read_sample(R"(
flag: true
count: 7
ratio: 0.1
word: "a: \"b\" # c\n- d"
policy: resize
fill: striped
channels: 4
padding: [0, 2]
stride: 3
scale: [0.1, 3]
size: [32, 64]
mean: [0.1, 1e-300, 3]
betas: [0.3, 0.7]
names: [sky, "road, wet", "null", "", "-x", "[y]"]
labels: {0: 0, 255: 1}
weights: [1, 0.333333333333333314829616256247]
limit: 90m
file: "my weights.pth"
train: {lr: 0.0001, batch_size: 2}
shape: {name: square, side: 5}
shapes_drawn: [{name: circle, radius: 1.5}, {name: square, weight: 0}]
)");
}

TEST(ToYaml, ReadsBackToTheSameValues) {
  for (const Comments comments : {Comments::none, Comments::meanings}) {
    auto options = changed_options();
    const auto text = to_yaml(options, comments);
    auto read_back = read_sample(text);
    EXPECT_EQ(read_back.word, options.word);
    EXPECT_EQ(read_back.fill, Fill::striped);
    EXPECT_EQ(read_back.names, options.names);
    EXPECT_EQ(read_back.mean, options.mean);
    EXPECT_EQ(read_back.padding, (PerAxis{0, 2}));
    EXPECT_EQ(read_back.stride, (PerAxis{3, 3}));
    EXPECT_EQ(read_back.labels, options.labels);
    EXPECT_EQ(read_back.weights, options.weights);
    EXPECT_EQ(read_back.limit.value().text, "90m");
    EXPECT_EQ(read_back.file, "my weights.pth");
    EXPECT_EQ(dynamic_cast<Square&>(*read_back.shape).side, 5);
    ASSERT_EQ(read_back.shapes_drawn.size(), 2u);
    EXPECT_EQ(dynamic_cast<Circle&>(*read_back.shapes_drawn[0]).radius, 1.5);
    EXPECT_EQ(to_yaml(read_back, comments), text);
  }
}

TEST(ToYaml, ReadsBackDefaultsAndEmptyLists) {
  SampleOptions options;
  EXPECT_EQ(options.shapes_drawn.size(), 1u);
  options.shapes_drawn.resize(0);
  const auto text = to_yaml(options, Comments::none);
  auto read_back = changed_options();
  read_options(parse_yaml(text, "c.yaml"), read_back);
  EXPECT_EQ(to_yaml(read_back, Comments::none), text);
}

TEST(ToYaml, WritesOneLineForEachOption) {
  SampleOptions options;
  EXPECT_EQ(to_yaml(options, Comments::none),
            "flag: false\n"
            "count: 4\n"
            "ratio: 0.5\n"
            "word: \"any text\"\n"
            "policy: crop\n"
            "fill: none\n"
            "channels: auto\n"
            "padding: 1\n"
            "stride: auto\n"
            "scale: [0.5, 1.5]\n"
            "size: auto\n"
            "mean: auto\n"
            "betas: [0.9, 0.999]\n"
            "names: []\n"
            "labels: auto\n"
            "weights: none\n"
            "limit: off\n"
            "file: none\n"
            "train:\n"
            "  lr: 0.001\n"
            "  batch_size: 8\n"
            "shape:\n"
            "  name: circle\n"
            "  weight: 1\n"
            "  radius: 2\n"
            "shapes_drawn:\n"
            "  - name: square\n"
            "    weight: 1\n"
            "    side: 3\n");
}

TEST(ToYaml, CommentsGiveMeaningAndLimits) {
  SampleOptions options;
  const auto text = to_yaml(options, Comments::meanings);
  EXPECT_NE(text.find("# how many (from 1 to 10)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# size policy (crop | resize)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# pattern (none | striped)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# circle | square\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# learning rate (above 0)\n"), std::string::npos) << text;
}

TEST(OptionValues, ListEveryKeyThatCanBeSet) {
  SampleOptions options;
  const std::map<std::string, std::string> expected{
      {"flag", "false"},
      {"count", "4"},
      {"ratio", "0.5"},
      {"word", "\"any text\""},
      {"policy", "crop"},
      {"fill", "none"},
      {"channels", "auto"},
      {"padding", "1"},
      {"stride", "auto"},
      {"scale", "[0.5, 1.5]"},
      {"size", "auto"},
      {"mean", "auto"},
      {"betas", "[0.9, 0.999]"},
      {"names", "[]"},
      {"labels", "auto"},
      {"weights", "none"},
      {"limit", "off"},
      {"file", "none"},
      {"train.lr", "0.001"},
      {"train.batch_size", "8"},
      {"shape", "circle"},
      {"shape.weight", "1"},
      {"shape.radius", "2"},
      {"shapes_drawn", "1 items"},
      {"shapes_drawn.0", "square"},
      {"shapes_drawn.0.weight", "1"},
      {"shapes_drawn.0.side", "3"},
  };
  EXPECT_EQ(option_values(options), expected);
}

TEST(OptionPaths, AreSelectedByTraits) {
  const SampleOptions options;
  EXPECT_EQ(option_paths(options, [](const Traits& traits) { return !traits.portable; }),
            std::vector<std::string>{"train.batch_size"});
  EXPECT_EQ(option_paths(options, [](const Traits& traits) { return traits.resumable; }),
            (std::vector<std::string>{"fill", "train.batch_size"}));
}

TEST(Writers, DoNotChangeTheOptions) {
  const SampleOptions options = changed_options();
  const auto text = to_yaml(options, Comments::none);
  to_json_schema(options, "sample");
  option_values(options);
  EXPECT_EQ(to_yaml(options, Comments::none), text);
}

TEST(Options, ACopySharesNothingWithItsOriginal) {
  const SampleOptions original = changed_options();
  SampleOptions copy = original;
  EXPECT_EQ(to_yaml(copy, Comments::none), to_yaml(original, Comments::none));
  const auto text = to_yaml(original, Comments::none);
  read_options(parse_yaml("{shape: {side: 9}, shapes_drawn: {0: {radius: 7}}, count: 1}", "c.yaml"), copy);
  EXPECT_EQ(dynamic_cast<const Square&>(*copy.shape).side, 9);
  EXPECT_EQ(to_yaml(original, Comments::none), text);
  copy = original;
  EXPECT_EQ(to_yaml(copy, Comments::none), text);
}

TEST(ToJsonSchema, DescribesTypesLimitsAndDefaults) {
  SampleOptions options;
  const json schema = to_json_schema(options, "sample");
  EXPECT_EQ(schema["title"], "sample");
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  const json& properties = schema["properties"];
  EXPECT_EQ(properties["count"], json::parse(R"({"type": "integer", "minimum": 1.0, "maximum": 10.0, "default": 4,
                                                 "description": "how many"})"));
  EXPECT_EQ(properties["train"]["properties"]["lr"]["exclusiveMinimum"], 0);
  EXPECT_EQ(properties["policy"]["enum"], json({"crop", "resize"}));
  EXPECT_EQ(properties["fill"]["enum"], json({"none", "striped"}));
  EXPECT_EQ(properties["fill"]["default"], "none");
  EXPECT_EQ(properties["weights"]["anyOf"][1]["enum"], json({"none", "auto"}));
  EXPECT_EQ(properties["limit"]["default"], "off");
  EXPECT_EQ(properties["file"]["default"], "none");
  EXPECT_EQ(properties["filling"]["deprecated"], true);
  EXPECT_EQ(properties["betas"]["minItems"], 2);
  EXPECT_TRUE(properties.contains("base"));
}

TEST(ToJsonSchema, RefusesUnknownKeysInEveryMap) {
  SampleOptions options;
  const json schema = to_json_schema(options, "sample");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["train"]["additionalProperties"], false);
  for (const json& row : schema["properties"]["shape"]["anyOf"])
    EXPECT_TRUE(row.contains("enum") || row["additionalProperties"] == false) << row;
}

TEST(ToJsonSchema, HasEveryRowOfATableWithItsOptions) {
  SampleOptions options;
  const json schema = to_json_schema(options, "sample");
  const json& rows = schema["properties"]["shapes_drawn"]["items"]["anyOf"];
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0]["properties"]["name"]["const"], "circle");
  EXPECT_TRUE(rows[0]["properties"].contains("radius"));
  EXPECT_EQ(rows[1]["properties"]["name"]["const"], "square");
  EXPECT_TRUE(rows[1]["properties"].contains("side"));
  EXPECT_EQ(rows[2]["enum"], json({"circle", "square"}));
}

TEST(LimitsText, DescribesTheLimits) {
  EXPECT_EQ(limits_text({}), "");
  EXPECT_EQ(limits_text(in_range(1, 8)), "from 1 to 8");
  EXPECT_EQ(limits_text(at_least(0.5)), "at least 0.5");
  EXPECT_EQ(limits_text(above(0)), "above 0");
  Limits at_most;
  at_most.high = 3;
  EXPECT_EQ(limits_text(at_most), "at most 3");
}

TEST(NumberText, IsTheShortestTextThatReadsBack) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(1), "1");
  EXPECT_EQ(number_text(3e-4), "3e-04");
  EXPECT_EQ(number_text(1.0 / 3), "0.3333333333333333");
}

}  // namespace
}  // namespace unet
