// Compares the U-Net with an independent PyTorch module with the same parameters; see scripts/reference/unet.py.

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "configs/schema/reader.h"
#include "models/execution/network.h"
#include "models/unet/unet.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kNetworkTolerance = 1e-5;
constexpr double kPixelTolerance = 3e-5;  // the logits of a single pixel may nearly cancel

Network network_of(const Safetensors& golden) {
  UNetOptions options;
  read_options(parse_yaml(golden.metadata.at("model"), "golden"), options);
  Network network(describe_unet(options, std::stoll(golden.metadata.at("in_channels"))));
  torch::NoGradGuard no_grad;
  for (auto& parameter : network->named_parameters())
    parameter.value().copy_(golden.tensors.at("parameters/" + parameter.key()));
  return network;
}

size_t count_with_prefix(const TensorMap& tensors, const std::string& prefix) {
  size_t count = 0;
  for (const auto& tensor : tensors) count += tensor.first.rfind(prefix, 0) == 0 ? 1 : 0;
  return count;
}

/// Names of the golden files of networks.
std::vector<std::string> golden_networks() {
  std::vector<std::string> networks;
  for (const std::string& name : golden_names())
    for (const char* kind : {"unet_", "up_", "block_"})
      if (name.rfind(kind, 0) == 0) networks.push_back(name);
  return networks;
}

class UNetGolden : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_close(const torch::Tensor& actual, const std::string& name) const {
    EXPECT_LE(relative_difference(actual, golden_.tensors.at(name)), kNetworkTolerance) << name;
  }

  /// Compares gradients. Some are 0 except for rounding, such as that of a bias before a norm; they are compared
  /// relative to the largest gradient of the network.
  void expect_close_gradients(const std::string& input) const {
    const std::string prefix = input + "/gradients/";
    double largest = 0;
    for (const auto& [name, tensor] : golden_.tensors)
      if (name.rfind(prefix, 0) == 0) largest = std::max(largest, tensor.abs().max().item<double>());
    for (const auto& parameter : network_->named_parameters()) {
      const auto& expected = golden_.tensors.at(prefix + parameter.key());
      const double difference = (parameter.value().grad() - expected).abs().max().item<double>();
      const double scale = std::max(expected.abs().max().item<double>(), 0.1 * largest);
      EXPECT_LE(difference / scale, kNetworkTolerance) << parameter.key();
    }
  }

  void train_once(const std::string& input) {
    network_->train();
    network_->zero_grad();
    const auto outputs = network_->forward_all(golden_.tensors.at(input + "/image"));
    const auto upstream = golden_.tensors.at(input + "/upstream");
    std::vector<torch::Tensor> upstreams;
    for (size_t i = 0; i < outputs.size(); ++i) upstreams.push_back(upstream * static_cast<double>(i + 1));
    torch::autograd::backward(outputs, upstreams);
    expect_close(outputs[0], input + "/logits");
  }

  torch::Tensor evaluate(const std::string& input) {
    torch::NoGradGuard no_grad;
    network_->eval();
    return network_->forward(golden_.tensors.at(input + "/image"));
  }

  const Safetensors golden_ = read_golden(GetParam());
  Network network_ = network_of(golden_);
};

TEST_P(UNetGolden, HasThePythonModulesParameterAndBufferNames) {
  EXPECT_EQ(network_->named_parameters().size(), count_with_prefix(golden_.tensors, "parameters/"));
  EXPECT_EQ(network_->named_buffers().size(), count_with_prefix(golden_.tensors, "odd/buffers/"));
}

TEST_P(UNetGolden, TrainsAndEvaluatesLikeThePythonModule) {
  for (const std::string input : {"odd", "square"}) {  // in this order, since running statistics accumulate
    train_once(input);
    expect_close_gradients(input);
    for (const auto& buffer : network_->named_buffers())
      expect_close(buffer.value(), input + "/buffers/" + buffer.key());
    expect_close(evaluate(input), input + "/evaluated");
  }
  EXPECT_LE(relative_difference(evaluate("pixel"), golden_.tensors.at("pixel/evaluated")), kPixelTolerance);
}

INSTANTIATE_TEST_SUITE_P(Networks, UNetGolden, ::testing::ValuesIn(golden_networks()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unet
