// Exported models in other programs: PyTorch and ONNX Runtime; and files that PyTorch wrote, imported here.

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/config.h"
#include "app/export/exporter.h"
#include "app/import/import_model.h"
#include "data/atomic_file.h"
#include "tests/support/contains.h"
#include "tests/support/golden.h"
#include "tests/support/oracle.h"
#include "tests/support/random_network.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

constexpr int kUnavailable = 77;

constexpr int64_t kSizes[][2] = {{32, 32}, {33, 21}, {3, 50}};

struct ExportedCase {
  const char* name;
  const char* norm;
  const char* activation;
};
constexpr ExportedCase kModels[] = {{"batch", "batch", "relu"},
                                    {"instance", "instance", "leaky_relu"},
                                    {"group", "group", "silu"},
                                    {"plain", "none", "gelu"},
                                    {"elu", "batch", "elu"}};

nlohmann::json to_json(const UNetOptions& options) {
  return {{"num_classes", *options.num_classes},    {"depth", options.depth},
          {"base_channels", options.base_channels}, {"norm", options.norm},
          {"norm_groups", options.norm_groups},     {"activation", options.activation}};
}

/// Images of three sizes and two batch sizes, and this program's logits of them.
Safetensors cases_of(Network network, const UNetOptions& options) {
  const torch::NoGradGuard no_grad;
  Safetensors cases{{}, {{"model", to_json(options).dump()}, {"in_channels", "3"}}};
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

/// The models of kModels in every format, with cases beside them.
class ExportOracle : public testing::Test {
 protected:
  void SetUp() override {
    const std::map<std::string, std::string> endings{
        {"torchscript", ".pt"}, {"onnx", ".onnx"}, {"state_dict", ".pth"}, {"safetensors", ".safetensors"}};
    for (const auto& [name, norm, activation] : kModels) {
      const UNetOptions options = small_unet(norm, activation);
      const Network network = random_network(options);
      write_file(folder_ / (std::string(name) + ".cases.safetensors"), to_bytes(cases_of(network, options)));
      for (const auto& [format, ending] : endings)
        write_file(folder_ / (name + ending),
                   export_formats().make(format)->to_bytes(*network, {{"classes", R"(["a","b","c"])"}}));
    }
  }
  const TempFolder folder_;
};

TEST_F(ExportOracle, PyTorchComputesTheSameAndWritesWhatIsImportedHere) {
  UNET_NEED_PYTORCH();
  const auto checked = run_oracle(std::string(kPython) + "'" + UNET_SOURCE_DIR +
                                  "/scripts/reference/check_export.py' '" + folder_.path() + "'");
  ASSERT_EQ(checked.code, 0) << checked.output;
  EXPECT_TRUE(contains(checked.output, "5 models"));
  for (const auto& [name, norm, activation] : kModels)
    for (const char* ending : {".zip.pth", ".legacy.pth"}) {
      Tree settings = load_config("");
      set_value(settings, std::string("model.norm=") + norm);
      const auto imported = import_model(folder_ / (std::string(name) + ending), settings);
      const Network network = random_network(small_unet(norm, activation));
      for (const auto& [key, tensor] : weights_of(*network))
        EXPECT_TRUE(torch::equal(imported.checkpoint.weights.at(key), tensor)) << name << ending << ": " << key;
    }
}

TEST_F(ExportOracle, OnnxRuntimeComputesTheSame) {
  const auto checked =
      run_oracle("'" + std::string(UNET_SOURCE_DIR) + "/scripts/check_onnx.sh' '" + folder_.path() + "'");
  if (checked.code == kUnavailable) {
    if (oracles_are_required()) FAIL() << checked.output;
    GTEST_SKIP() << checked.output;
  }
  ASSERT_EQ(checked.code, 0) << checked.output;
  EXPECT_TRUE(contains(checked.output, "5 models"));
}

void write_floats(const std::string& path, const torch::Tensor& tensor) {
  write_file(path, std::string(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()));
}

/// OpenCV's importer takes no operation that looks at the size of an image, which padding, cropping and group norm do,
/// and OpenCV 4.6 mixes the instance norms of the images of a batch.
TEST(ExportOracleOpenCv, ComputesTheSameWhereItHasTheOperators) {
  const torch::NoGradGuard no_grad;
  const std::string program = UNET_ONNX_DNN;
  if (program.empty()) {
    const char* reason = "built without OpenCV's dnn module (libopencv-dnn-dev)";
    if (oracles_are_required()) FAIL() << reason;
    GTEST_SKIP() << reason;
  }
  const TempFolder folder;
  for (const auto& [name, norm, activation] : kModels) {
    if (std::string(norm) == "group") continue;
    const Network trained = random_network(small_unet(norm, activation));
    Network network(without_padding(trained->graph()));
    load_weights(*network, weights_of(*trained), "test");
    network->eval();
    write_file(folder / "model.onnx", export_formats().make("onnx")->to_bytes(*network, {}));
    for (const auto& [height, width] : {std::pair<int64_t, int64_t>{8, 8}, {32, 48}, {64, 20}})
      for (const int64_t batch : {1, 2}) {
        if (std::string(norm) == "instance" && batch > 1) continue;
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
