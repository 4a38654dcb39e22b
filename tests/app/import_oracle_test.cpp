// Imports weights of other projects: torchvision's residual networks, and Pytorch-UNet.

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "app/checkpoint/checkpoint.h"
#include "app/config/config.h"
#include "app/import/encoder_weights.h"
#include "app/import/import_model.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/golden.h"
#include "tests/support/oracle.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

/// Runs scripts/reference/NAME.py, which writes into a folder.
OracleOutcome run_reference(const std::string& name, const TempFolder& folder) {
  return run_oracle(concat(kPython, "'", UNET_SOURCE_DIR, "/scripts/reference/", name, ".py' '", folder.path(), "'"));
}

UNetOptions resnet_unet(const std::string& encoder) {
  UNetOptions options;
  options.encoder = encoder;
  options.depth = 5;
  options.base_channels = 4;
  options.num_classes = 2;
  return options;
}

/// The last node of each level of a residual encoder.
std::vector<size_t> feature_nodes(const Graph& graph) {
  std::vector<size_t> nodes(6);
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const std::string& name = graph.nodes()[i].name;
    if (name == "encoder.relu") nodes[1] = i;
    if (name.rfind("encoder.layer", 0) == 0) nodes[static_cast<size_t>(name[13] - '0') + 1] = i;
  }
  return nodes;
}

TEST(ResnetOracle, FeaturesMatchTorchvision) {
  UNET_NEED_PYTORCH();
  const TempFolder folder;
  const auto written = run_reference("resnet_features", folder);
  if (written.code != 0 && !oracles_are_required() && contains(written.output, "No module named 'torchvision'"))
    GTEST_SKIP() << "no torchvision for Python (scripts/setup.sh --tests installs it)";
  ASSERT_EQ(written.code, 0) << written.output;
  const torch::NoGradGuard no_grad;
  for (const std::string name : {"resnet18", "resnet34", "resnet50"}) {
    Network network(describe_unet(resnet_unet(name), 3));
    const auto weights = read_encoder_weights(folder / (name + ".pth"), network->graph());
    load_fitting_weights(*network, weights);
    network->eval();
    const auto cases = read_safetensors(folder / (name + ".cases.safetensors")).tensors;
    const auto nodes = feature_nodes(network->graph());
    for (size_t level = 1; level <= 5; ++level)
      EXPECT_LE(relative_difference(network->value_of(nodes[level], {{0, cases.at("image")}}),
                                    cases.at(std::to_string(level))),
                1e-5)
          << name << " level " << level;

    // With one channel or six, the first convolution gives the same for equal channels.
    const auto gray = torch::randn({1, 1, 64, 64});
    const auto expected = network->value_of(nodes[1], {{0, gray.expand({1, 3, 64, 64})}});
    for (const int64_t channels : {1, 6}) {
      Network other(describe_unet(resnet_unet(name), channels));
      load_fitting_weights(*other, read_encoder_weights(folder / (name + ".pth"), other->graph()));
      other->eval();
      EXPECT_LE(relative_difference(other->value_of(nodes[1], {{0, gray.expand({1, channels, 64, 64})}}), expected),
                1e-5)
          << name << ", channels " << channels;
    }
  }
  const Network other(describe_unet(resnet_unet("resnet34"), 3));
  const std::string text =
      error_text(ErrorKind::data, [&] { read_encoder_weights(folder / "resnet18.pth", other->graph()); });
  EXPECT_TRUE(contains(text, "layer1.2.bn1.bias: missing")) << text;
  const Network smaller(describe_unet(resnet_unet("resnet18"), 3));
  const std::string extra_text =
      error_text(ErrorKind::data, [&] { read_encoder_weights(folder / "resnet34.pth", smaller->graph()); });
  EXPECT_TRUE(contains(extra_text, "layer1.2.bn1.bias: got [64], expected none")) << extra_text;
}

TEST(PytorchUNetOracle, ImportedNetworksComputeTheSame) {
  UNET_NEED_PYTORCH();
  const TempFolder folder;
  const auto written = run_reference("pytorch_unet", folder);
  ASSERT_EQ(written.code, 0) << written.output;
  const torch::NoGradGuard no_grad;
  for (const std::string name : {"transposed", "bilinear", "biased"}) {
    const auto imported = import_model(folder / (name + ".pth"), load_config(""));
    Config config;
    read_config(parse_yaml(imported.checkpoint.config, name), config);
    Network network(describe_unet(config.model, *config.data.channels));
    load_weights(*network, imported.checkpoint.weights, name);
    network->eval();
    const auto cases = read_safetensors(folder / (name + ".cases.safetensors")).tensors;
    EXPECT_LE(relative_difference(network->forward(cases.at("image")), cases.at("logits")), 1e-5) << name;
    if (name == "transposed") {
      EXPECT_EQ(config.data.labels, (LabelClasses{{0, 0}, {255, 1}}));
    }
    if (name == "bilinear") {
      EXPECT_EQ(config.data.labels, (LabelClasses{{0, 0}, {100, 1}, {200, 2}}));
    }
    if (name == "biased") {
      EXPECT_EQ(config.data.class_colors, (std::vector<std::string>{"#000000", "#ff8000"}));
    }
  }
}

}  // namespace
}  // namespace unet
