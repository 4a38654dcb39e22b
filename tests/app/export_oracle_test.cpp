// Runs exported models in PyTorch, ONNX Runtime and OpenCV, and imports files that PyTorch wrote.

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/config/config.h"
#include "app/export/exporter.h"
#include "app/import/import_model.h"
#include "data/files/atomic_file.h"
#include "tests/support/contains.h"
#include "tests/support/golden.h"
#include "tests/support/network_cases.h"
#include "tests/support/oracle.h"
#include "tests/support/random_network.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

constexpr int kUnavailable = 77;

constexpr int64_t kSizes[][2] = {{32, 32}, {33, 21}, {3, 50}};

/// Converts a part of a config to JSON, for Python.
nlohmann::json to_json(const Tree& tree) {
  if (tree.kind == Tree::Kind::scalar) {
    const auto value = nlohmann::json::parse(tree.scalar, nullptr, /*allow_exceptions=*/false);
    return value.is_discarded() ? nlohmann::json(tree.scalar) : value;
  }
  nlohmann::json json = tree.kind == Tree::Kind::list ? nlohmann::json::array() : nlohmann::json::object();
  for (const Tree& item : tree.items) json.push_back(to_json(item));
  for (const Tree::Entry& entry : tree.entries) json[entry.key] = to_json(entry.value);
  return json;
}

std::string model_json(const NetworkCase& network_case) {
  nlohmann::json model{{"num_classes", 3}, {"depth", 2}, {"base_channels", 4}, {"norm_groups", 2}};
  model.update(to_json(parse_yaml(network_case.model, network_case.name)));
  return model.dump();
}

/// Images of three sizes and two batch sizes, and the network's logits of them.
Safetensors make_cases(Network network, const NetworkCase& network_case) {
  const torch::NoGradGuard no_grad;
  Safetensors cases{{}, {{"model", model_json(network_case)}, {"in_channels", "3"}}};
  int64_t count = 0;
  for (const auto& [height, width] : kSizes)
    for (const int64_t batch : {1, 2}) {
      const auto image = torch::randn({batch, 3, height, width});
      cases.tensors[concat(count, "/image")] = image;
      cases.tensors[concat(count, "/logits")] = network->forward(image).contiguous();
      ++count;
    }
  return cases;
}

/// Writes every network in every format, with test cases.
class ExportOracle : public testing::Test {
 protected:
  void SetUp() override {
    const std::map<std::string, std::string> extensions{
        {"torchscript", ".pt"}, {"onnx", ".onnx"}, {"state_dict", ".pth"}, {"safetensors", ".safetensors"}};
    for (const NetworkCase& network_case : network_cases()) {
      const Network network = exported_network(*random_network(network_case.options()), /*padding=*/true);
      network.ptr()->eval();
      write_file(folder_ / (std::string(network_case.name) + ".cases.safetensors"),
                 to_bytes(make_cases(network, network_case)));
      for (const auto& [format, extension] : extensions)
        write_file(folder_ / (network_case.name + extension),
                   export_formats().make(format)->to_bytes(*network, {{"classes", R"(["a","b","c"])"}}));
    }
  }
  const TempFolder folder_;
};

TEST_F(ExportOracle, PyTorchComputesTheSameAndItsFilesAreImported) {
  UNET_NEED_PYTORCH();
  const auto checked = run_oracle(std::string(kPython) + "'" + UNET_SOURCE_DIR +
                                  "/scripts/reference/check_export.py' '" + folder_.path() + "'");
  ASSERT_EQ(checked.code, 0) << checked.output;
  EXPECT_TRUE(contains(checked.output, concat(network_cases().size(), " models")));
  for (const NetworkCase& network_case : network_cases())
    for (const char* extension : {".zip.pth", ".legacy.pth"}) {
      Tree settings = load_config("");
      set_value(settings, concat("model=", network_case.model));
      set_value(settings, "model.norm_groups=2");
      set_value(settings, "model.deep_supervision=[]");  // auxiliary heads are not exported
      const auto imported = import_model(folder_ / (std::string(network_case.name) + extension), settings);
      const Network network = exported_network(*random_network(network_case.options()), /*padding=*/true);
      for (const auto& [key, tensor] : weights_of(*network))
        EXPECT_TRUE(torch::equal(imported.checkpoint.weights.at(key), tensor))
            << network_case.name << extension << ": " << key;
    }
}

TEST_F(ExportOracle, OnnxRuntimeComputesTheSame) {
  const std::string scripts = std::string(UNET_SOURCE_DIR) + "/scripts";
  const auto checked =
      run_oracle("'" + scripts + "/onnxruntime.sh' '" + scripts + "/reference/check_onnx.js' '" + folder_.path() + "'");
  if (checked.code == kUnavailable) {
    if (oracles_are_required()) FAIL() << checked.output;
    GTEST_SKIP() << checked.output;
  }
  ASSERT_EQ(checked.code, 0) << checked.output;
  EXPECT_TRUE(contains(checked.output, concat(network_cases().size(), " models")));
}

void write_floats(const std::string& path, const torch::Tensor& tensor) {
  write_file(path, std::string(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()));
}

/// OpenCV's importer does not support operations that read the size of an image, as padding, cropping and group norm
/// do. OpenCV 4.6 mixes the instance norms of a batch and lacks dilated transposed convolutions and pixel shuffle.
/// OpenCV 4.10 gets the sizes of sums and products wrong.
TEST(ExportOracleOpenCv, ComputesTheSameIfItHasTheOperators) {
  const torch::NoGradGuard no_grad;
  const std::string program = UNET_ONNX_DNN;
  if (program.empty()) {
    const char* reason = "built without OpenCV's dnn module (libopencv-dnn-dev)";
    if (oracles_are_required()) FAIL() << reason;
    GTEST_SKIP() << reason;
  }
  const TempFolder folder;
  for (const NetworkCase& network_case : network_cases()) {
    const UNetOptions options = network_case.options();
    const std::string name = network_case.name;
    const auto* transposed = std::get_if<ConvTransposeUpsampling>(&options.upsampling.mode());
    const bool is_dilated = transposed != nullptr && transposed->dilation != PerAxis{1, 1};
    const bool shuffles = options.upsampling.name() == "pixel_shuffle";
    if (options.norm == NormMode::group || options.padding == Padding::valid || is_dilated || shuffles) continue;
    const bool adds =
        options.residual || options.attention_gates || options.squeeze_excitation > 0 || !options.has_plain_encoder();
    if (adds && cv::getVersionMinor() > 6) continue;
    Network network = exported_network(*random_network(options), /*padding=*/false);
    network->eval();
    write_file(folder / "model.onnx", export_formats().make("onnx")->to_bytes(*network, {}));
    const op::Pad& pad = *network->graph().wanted_padding();
    for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{0, 0}, {3, 5}, {7, 1}})
      for (const int64_t batch : {1, 2}) {
        if (options.norm == NormMode::instance && batch > 1) continue;
        const int64_t height = pad.minimum[0] + rows * pad.multiple[0];
        const int64_t width = pad.minimum[1] + columns * pad.multiple[1];
        const auto images = torch::randn({batch, 3, height, width});
        const auto expected = network->forward(images).contiguous();
        write_floats(folder / "images", images);
        const auto ran = run_oracle(concat("'", program, "' '", folder / "model.onnx", "' '", folder / "images", "' ",
                                           batch, " 3 ", height, " ", width, " '", folder / "logits", "'"));
        ASSERT_EQ(ran.code, 0) << name << ": " << ran.output;
        std::string bytes = file_text(folder / "logits");
        ASSERT_EQ(bytes.size(), expected.nbytes()) << name;
        const auto logits = torch::from_blob(bytes.data(), expected.sizes(), torch::kFloat);
        EXPECT_LE(((logits - expected).abs().max() / expected.abs().max()).item<float>(), 1e-4)
            << name << " at " << batch << "x" << height << "x" << width;
      }
  }
}

}  // namespace
}  // namespace unet
