#include <gtest/gtest.h>
#include <torch/types.h>

#include "app/config/config.h"
#include "app/export/exporter.h"
#include "app/import/import_model.h"
#include "app/import/infer_unet.h"
#include "data/files/atomic_file.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/random_network.h"
#include "tests/support/temp_folder.h"
#include "tests/support/torch_files.h"

namespace unet {
namespace {

Tree settings(const std::vector<std::string>& given) {
  Tree tree = load_config("");
  for (const std::string& setting : given) set_value(tree, setting);
  return tree;
}

Config config_of(const ImportedModel& imported) {
  Config config;
  read_config(parse_yaml(imported.checkpoint.config, "checkpoint"), config);
  return config;
}

TensorMap weights_for(const UNetOptions& options, int64_t channels = 3) {
  return weights_of(*random_network(options, channels));
}

TEST(InferUNet, InfersTheStructureFromTheShapes) {
  for (const char* norm : {"batch", "none"})
    for (const int64_t depth : {1, 2, 4})
      for (const int64_t classes : {1, 3})
        for (const int64_t channels : {1, 3, 4}) {
          UNetOptions options = small_unet(norm, "relu", classes);
          options.depth = depth;
          options.max_channels = 16;
          const auto inferred = infer_unet(weights_for(options, channels), {}, false, "file");
          EXPECT_EQ(inferred.channels, channels);
          EXPECT_EQ(inferred.options.num_classes, classes);
          EXPECT_EQ(inferred.options.depth, depth);
          EXPECT_EQ(inferred.options.base_channels, 4);
          EXPECT_EQ(enum_name(inferred.options.norm), norm);
          for (int64_t level = 0; level <= depth; ++level)
            EXPECT_EQ(unet_channels(inferred.options, level), unet_channels(options, level));
        }
}

TEST(InferUNet, AnAmbiguousNormIsAskedFor) {
  const TensorMap weights = weights_for(small_unet("group", "relu"));
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { infer_unet(weights, {}, false, "file"); }),
                       "the norm is instance or group"));
  UNetOptions given;
  given.norm = NormMode::group;
  EXPECT_EQ(infer_unet(weights, given, true, "file").options.norm, NormMode::group);
}

TEST(InferUNet, MismatchesAreListedByNameAndShape) {
  TensorMap weights = weights_for(small_unet("batch", "relu"));
  weights.erase("head.bias");
  weights["decoder.0.up.weight"] = torch::zeros({2, 3});
  weights["extra"] = torch::zeros({5});
  const std::string text = error_text(ErrorKind::data, [&] { infer_unet(weights, {}, false, "file"); });
  EXPECT_TRUE(contains(text, "file: 3 tensors do not fit"));
  EXPECT_TRUE(contains(text, "head.bias: missing, expected [3]"));
  EXPECT_TRUE(contains(text, "decoder.0.up.weight: got [2, 3], expected [16, 8, 2, 2]"));
  EXPECT_TRUE(contains(text, "extra: got [5], expected none"));
}

TEST(InferUNet, AForeignNetworkIsRefusedByItsTensorNames) {
  const std::string text = error_text(ErrorKind::data, [] {
    infer_unet({{"layer1.conv.weight", torch::zeros({1})}}, {}, false, "file");
  });
  EXPECT_TRUE(contains(text, "no tensor 'head.weight'"));
  EXPECT_TRUE(contains(text, "The file begins with: layer1.conv.weight."));
}

TEST(InferUNet, ASmallFileThatImpliesAHugeNetworkIsRefused) {
  TensorMap weights{{"head.weight", torch::zeros({2, 1024, 1, 1})},
                    {"bottleneck.conv1.weight", torch::zeros({8192, 1, 1, 1})}};
  for (int level = 0; level < 8; ++level)
    weights[concat("encoder.", level, ".conv1.weight")] = torch::zeros({1024, 3, 1, 1});
  EXPECT_TRUE(
      contains(error_text(ErrorKind::data, [&] { infer_unet(weights, {}, false, "file"); }), "tensors do not fit"));
}

class ImportedFile : public testing::Test {
 protected:
  std::string save(const std::string& bytes) {
    write_file(folder_ / "file", bytes);
    return folder_ / "file";
  }
  const TempFolder folder_;
};

TEST_F(ImportedFile, ComputesTheSameAsBefore) {
  const Network network = random_network(small_unet("batch", "silu"));
  const Forward native = [&](const torch::Tensor& x) { return network.ptr()->forward(x); };
  for (const std::string& bytes :
       {export_formats().make("state_dict")->to_bytes(*network, {}),
        export_formats().make("safetensors")->to_bytes(*network, {}), legacy_file(weights_of(*network))}) {
    const ImportedModel imported = import_model(save(bytes), settings({"model.activation=silu"}));
    Config config = config_of(imported);
    const Graph graph = describe_unet(config.model, *config.data.channels);
    EXPECT_EQ(compare(native, forward_of_weights(graph, imported.checkpoint.weights, "file"), graph).difference, 0);
  }
}

TEST_F(ImportedFile, HasIdentityNormalizationAndNumberedClassesByDefault) {
  const std::string path = save(legacy_file(weights_for(small_unet("batch", "relu"))));
  const ImportedModel plain = import_model(path, settings({}));
  Config config = config_of(plain);
  EXPECT_EQ(config.data.mean, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(config.data.std, (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(config.data.class_names, (std::vector<std::string>{"class 0", "class 1", "class 2"}));
  EXPECT_EQ(config.data.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_TRUE(contains(plain.notes.at(1), "activation relu (assumed), mean [0, 0, 0] (assumed)"));
  config = config_of(import_model(path, settings({"data.mean=[0.1, 0.2, 0.3]", "data.class_names=[a, b, c]"})));
  EXPECT_EQ(config.data.mean, (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_EQ(config.data.class_names, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(contains(error_text(ErrorKind::config, [&] { import_model(path, settings({"data.mean=[0.5]"})); }),
                       "data.mean, data.std: got 1 value and 3, expected 3 of each"));
  EXPECT_TRUE(contains(error_text(ErrorKind::config, [&] { import_model(path, settings({"data.class_names=[a]"})); }),
                       "data.class_names: got 1, expected 3"));
}

TEST_F(ImportedFile, KeepsTheMetadataOfExportedSafetensors) {
  Config config;
  config.model = small_unet("group", "gelu");
  config.data.channels = 3;
  config.data.class_names = {"sky", "a \"b\", c", "sea"};
  config.data.class_colors = {"#000000", "#ffffff", "#00ff00"};
  config.data.labels = {{0, 0}, {100, 1}, {255, 2}};
  config.data.mean = {0.5, 0.25, 0.125};
  config.data.std = {0.25, 1, 2};
  const auto bytes =
      export_formats().make("safetensors")->to_bytes(*random_network(config.model), export_metadata(config));
  Config read = config_of(import_model(save(bytes), settings({})));
  EXPECT_EQ(read.model.norm, NormMode::group);
  EXPECT_EQ(read.model.norm_groups, 2);
  EXPECT_EQ(read.model.activation, op::ActivationKind::gelu);
  EXPECT_EQ(read.data.class_names, config.data.class_names);
  EXPECT_EQ(read.data.class_colors, config.data.class_colors);
  EXPECT_EQ(read.data.labels, config.data.labels);
  EXPECT_EQ(read.data.mean, config.data.mean);
  EXPECT_EQ(read.data.std, config.data.std);
}

TEST_F(ImportedFile, IgnoresForeignMetadata) {
  Safetensors file{weights_for(small_unet("batch", "relu")), {{"model", "resnet"}, {"mean", "x"}}};
  EXPECT_EQ(config_of(import_model(save(to_bytes(file)), settings({}))).data.mean.size(), 3u);
}

TEST_F(ImportedFile, HasTwoClassesForOneOutput) {
  const Config config =
      config_of(import_model(save(legacy_file(weights_for(small_unet("batch", "relu", 1)))), settings({})));
  EXPECT_EQ(config.model.num_classes, 1);
  EXPECT_EQ(config.data.class_names.size(), 2u);
}

TEST_F(ImportedFile, MayHoldHalfPrecision) {
  TensorMap weights = weights_for(small_unet("batch", "relu"));
  for (auto& item : weights)
    if (item.second.is_floating_point()) item.second = item.second.to(torch::kHalf);
  const ImportedModel imported = import_model(save(legacy_file(weights)), settings({}));
  EXPECT_EQ(imported.checkpoint.weights.at("head.weight").scalar_type(), torch::kFloat);
}

}  // namespace
}  // namespace unet
