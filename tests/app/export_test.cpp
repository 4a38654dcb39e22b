#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/export/exporter.h"
#include "app/export/format_names.h"
#include "app/export/onnx_model.h"
#include "configs/schema/writer.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/file_text.h"
#include "tests/support/network_cases.h"
#include "tests/support/random_network.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A format whose files compute something other than the model.
class WrongFormat : public ExportFormat {
 public:
  std::string to_bytes(const NetworkImpl&, const Metadata&) const override { return "wrong"; }
  Forward read(const std::string&, const std::string&, const Graph&) const override {
    return [](const torch::Tensor& x) { return torch::ones({x.size(0), 3, x.size(2), x.size(3)}); };
  }
};

/// A format whose files hold at most 10 bytes.
class TinyFormat : public WrongFormat {
 public:
  int64_t max_bytes() const override { return 10; }
};

class EveryFormat : public testing::TestWithParam<std::string> {
 protected:
  const Polymorphic<ExportFormat> format_ = export_formats().make(GetParam());
  const TempFolder folder_;
  const std::string path_ = folder_ / "model";
};

TEST_P(EveryFormat, HoldsEveryNetwork) {
  for (const NetworkCase& network_case : network_cases()) {
    SCOPED_TRACE(network_case.name);
    const Network network = random_network(network_case.options());
    for (const bool padding : {true, false}) {
      const Agreement agreement = export_model(exported_network(*network, padding), {}, *format_, path_);
      EXPECT_LE(agreement.difference, 1e-5) << (padding ? "" : "without padding");
      EXPECT_GE(agreement.same_class, 0.999);
      EXPECT_EQ(agreement.runs, 6);
    }
  }
}

TEST_P(EveryFormat, GivesEqualBytesForEqualModels) {
  if (GetParam() == "torchscript") GTEST_SKIP() << "LibTorch's writer does not promise equal bytes";
  const Network network = random_network(small_unet("batch", "relu"));
  EXPECT_EQ(format_->to_bytes(*network, {{"a", "1"}}), format_->to_bytes(*network, {{"a", "1"}}));
}

TEST_P(EveryFormat, RefusesTruncatedFiles) {
  const Network network = random_network(small_unet("batch", "relu"));
  const std::string bytes = format_->to_bytes(*network, {});
  for (const double share : {0.0, 0.001, 0.3, 0.6, 0.999}) {
    const auto length = static_cast<size_t>(share * static_cast<double>(bytes.size()));
    const std::string text = error_text(ErrorKind::data, [&] {
      format_->read(bytes.substr(0, length), "file", network->graph())(torch::zeros({1, 3, 8, 8}));
    });
    EXPECT_TRUE(text != "no error" && !contains(text, "an error of another kind"))
        << length << " of " << bytes.size() << ": " << text;
  }
}

TEST_P(EveryFormat, NeverCrashesOnFilesWithFlippedBits) {
  if (GetParam() == "torchscript") GTEST_SKIP() << "LibTorch reads these files, and only right after they were written";
  std::vector<Network> networks{random_network(small_unet("group", "gelu"))};
  for (const NetworkCase& network_case : network_cases())
    if (std::string(network_case.name) == "valid_all" || std::string(network_case.name) == "stacked_shuffle")
      networks.push_back(exported_network(*random_network(network_case.options()), true));
  ASSERT_EQ(networks.size(), 3u);
  std::vector<std::string> files;
  for (Network& network : networks) files.push_back(format_->to_bytes(*network, {}));
  torch::manual_seed(1);
  for (size_t round = 0; round < 900; ++round) {
    Network& network = networks[round % networks.size()];
    const std::string& bytes = files[round % networks.size()];
    std::string damaged = bytes;
    const auto bit = static_cast<size_t>(torch::randint(static_cast<int64_t>(8 * bytes.size()), {1}).item<int64_t>());
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    try {
      format_->read(damaged, "file", network->graph())(torch::zeros({1, 3, 8, 8}));
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::data) << "bit " << bit << ": " << error.what();
    }
  }
}

TEST(Export, TheCommandLineListsEveryFormat) {
  std::vector<std::string> names;
  for (const ExportFormatName& format : kExportFormats) names.emplace_back(format.name);
  EXPECT_EQ(names, export_formats().names());
}

INSTANTIATE_TEST_SUITE_P(Export, EveryFormat, testing::ValuesIn(export_formats().names()),
                         [](const auto& info) { return info.param; });

TEST(Export, AFailedReadBackLeavesNoFile) {
  const TempFolder folder;
  const std::string text = error_text(ErrorKind::internal, [&] {
    export_model(random_network(small_unet("batch", "relu")), {}, WrongFormat(), folder / "model");
  });
  EXPECT_TRUE(contains(text, "logits differ by"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Export, ModelsThatCannotBeExportedAreRefusedBeforehand) {
  const TempFolder folder;
  const auto check = [&](const NetworkImpl& network, const ExportFormat& format, const std::string& path) {
    check_exportable(network, format, path, false);
  };
  Network network = random_network(small_unet("batch", "relu"));
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { check(*network, TinyFormat(), folder / "m"); }),
                       "expected at most 10 in this format"));
  EXPECT_TRUE(
      contains(error_text(ErrorKind::cannot_create, [&] { check(*network, WrongFormat(), folder / "absent/m"); }),
               "cannot be written"));
  EXPECT_TRUE(contains(error_text(ErrorKind::cannot_create, [&] { check(*network, WrongFormat(), folder.path()); }),
                       "already exists. Add --overwrite"));
  torch::NoGradGuard no_grad;
  network->named_parameters()["head.bias"].fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { check(*network, WrongFormat(), folder / "m"); }),
                       "tensor 'head.bias' holds values that are not finite"));
}

TEST(Export, OnnxNamesItsInputAndOutputAndKeepsMetadata) {
  const Network network = random_network(small_unet("batch", "relu"));
  const auto bytes = export_formats().make("onnx")->to_bytes(*network, {{"classes", "[\"a\"]"}});
  const OnnxModel model = parse_onnx(bytes, "file");
  EXPECT_EQ(model.inputs, std::vector<std::string>{"image"});
  EXPECT_EQ(model.outputs, std::vector<std::string>{"logits"});
  EXPECT_EQ(model.opset, 13);
  EXPECT_EQ(model.ir_version, 7);
  EXPECT_EQ(model.metadata.at("classes"), "[\"a\"]");
}

TEST(Export, MetadataHoldsWhatAnotherProgramNeeds) {
  Config config;
  config.data.channels = 1;
  config.data.class_names = {"back", "cell"};
  config.data.class_colors = {"#000000", "#ffffff"};
  config.data.labels = {{0, 0}, {255, 1}};
  config.data.mean = {0.5};
  config.data.std = {0.25};
  auto model = option_values(config.model);  // without options that follow from the tensors or are not exported
  for (const char* key : {"num_classes", "encoder_weights", "deep_supervision"}) EXPECT_EQ(model.erase(key), 1u);
  EXPECT_EQ(model.at("upsampling"), "conv_transpose");
  EXPECT_EQ(export_metadata(config), (Metadata{{"channels", "1"},
                                               {"classes", R"(["back","cell"])"},
                                               {"colors", R"(["#000000","#ffffff"])"},
                                               {"labels", R"({"0":0,"255":1})"},
                                               {"mean", "[0.5]"},
                                               {"model", nlohmann::json(model).dump()},
                                               {"program", "\"unet\""},
                                               {"std", "[0.25]"}}));
}

}  // namespace
}  // namespace unet
