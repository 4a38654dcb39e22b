// Training with the fused kernels is as accurate as with LibTorch's: both are compared with a computation in double.

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "models/compat/torch_compat.h"
#include "models/execution/network.h"
#include "models/execution/training_plan.h"
#include "tests/support/accuracy.h"
#include "tests/support/bf16.h"
#include "tests/support/network_cases.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

class Bf16Autocast {
 public:
  explicit Bf16Autocast(bool on) { compat::set_autocast(torch::kCPU, on, torch::kBFloat16); }
  ~Bf16Autocast() {
    compat::set_autocast(torch::kCPU, false, torch::kBFloat16);
    at::autocast::clear_cache();
  }
  Bf16Autocast(const Bf16Autocast&) = delete;
  Bf16Autocast& operator=(const Bf16Autocast&) = delete;
};

Network training_network(const UNetOptions& options, KernelChoice kernels) {
  Network network = random_network(options);
  set_channels_last(*network);
  network->use_kernels(kernels);
  network->train();
  return network;
}

/// Returns the same network in double, with LibTorch's kernels.
Network double_network(const UNetOptions& options) {
  Network network = training_network(options, KernelChoice::libtorch);
  network->to(torch::kDouble);
  for (const auto& module : network->modules(/*include_self=*/false))  // these norms always compute in float
    if (module->as<torch::nn::InstanceNorm2d>() != nullptr || module->as<torch::nn::GroupNorm>() != nullptr)
      module->to(torch::kFloat);
  return network;
}

torch::Tensor random_images(int64_t seed) {
  torch::manual_seed(static_cast<uint64_t>(seed));
  return torch::randn({2, 3, 40, 24}).contiguous(kChannelsLast);
}

/// Varied factors for an upstream gradient that bf16 represents exactly.
torch::Tensor varied_factors(const torch::Tensor& output) {
  return (torch::arange(output.numel(), torch::kFloat).mul(0.7).sin() + 0.5)
      .reshape(output.sizes())
      .contiguous(kChannelsLast)
      .to(torch::kBFloat16)
      .to(torch::kFloat);
}

/// Nodes [first, last) of a network, with the values that they read.
struct NodeRange {
  size_t first, last;
  std::vector<size_t> sources;
  std::vector<torch::Tensor> inputs;
};

/// Finds the nodes whose kernels can be chosen: fused regions and convolutions.
std::vector<NodeRange> node_ranges(Network network, const ExecutionPlan& plan, const torch::Tensor& images, bool bf16) {
  const torch::NoGradGuard no_grad;
  const Bf16Autocast autocast(bf16);
  const auto& nodes = network->graph().nodes();
  std::map<size_t, torch::Tensor> values{{0, images}};
  for (size_t i = 1; i < nodes.size(); ++i) values[i] = network->value_of(i, values);
  std::vector<NodeRange> found;
  for (size_t first = 1, last = 1; first < nodes.size(); first = last) {
    const auto region = plan.find(first);
    last = region == plan.end() ? first + 1 : region->second.last;
    const Op& op = nodes[first].op;
    const bool is_convolution =
        std::holds_alternative<op::Conv2d>(op) || std::holds_alternative<op::ConvTranspose2d>(op);
    if (region == plan.end() && !is_convolution) continue;
    NodeRange range{first, last, {}, {}};
    for (size_t i = first; i < last; ++i)
      for (const Value& input : nodes[i].inputs)
        if (input.node < first) {
          range.sources.push_back(input.node);
          range.inputs.push_back(values.at(input.node));
        }
    found.push_back(std::move(range));
  }
  return found;
}

/// Returns the output of a node range and the gradients of its inputs and parameters. `region` runs it if given.
NamedTensors run_range(Network network, const NodeRange& range, const FusedRegion* region,
                       const torch::Tensor& upstream) {
  std::vector<torch::Tensor> leaves;
  std::map<size_t, torch::Tensor> given;
  const bool is_double = network->parameters()[0].scalar_type() == torch::kDouble;
  for (size_t i = 0; i < range.inputs.size(); ++i) {
    const auto& input = range.inputs[i];
    leaves.push_back(input.to(is_double ? torch::kDouble : input.scalar_type()).clone().requires_grad_());
    given[range.sources[i]] = leaves.back();
  }
  const std::vector<torch::Tensor> inputs = leaves;
  for (size_t i = range.first; i < range.last; ++i)
    if (network->module_of(i) != nullptr)
      for (const auto& parameter : network->module_of(i)->parameters()) leaves.push_back(parameter);
  const auto output =
      region != nullptr ? region->run(inputs, Pass::recompute) : network->value_of(range.last - 1, given);
  const auto gradients = torch::autograd::grad({output}, leaves, {upstream.to(output.scalar_type())});
  NamedTensors all{{"output", output.detach()}};
  for (size_t i = 0; i < gradients.size(); ++i) all["gradient " + std::to_string(i)] = gradients[i];
  return all;
}

/// Upstream gradient of a node range, 0 where rounding decides on which side of a ReLU's kink a value lies.
torch::Tensor upstream_gradient(Network exact, const NodeRange& range) {
  const torch::NoGradGuard no_grad;
  std::map<size_t, torch::Tensor> given;
  for (size_t i = 0; i < range.inputs.size(); ++i) given[range.sources[i]] = range.inputs[i].to(torch::kDouble);
  const auto factors = varied_factors(exact->value_of(range.last - 1, given));
  if (!std::holds_alternative<op::Norm>(exact->graph().nodes()[range.first].op)) return factors;
  constexpr double kMinMagnitude = 0.02;
  return factors * (exact->value_of(range.first, given).abs() > kMinMagnitude);
}

/// Describes the operations whose errors under `plan` are too large: more than four times LibTorch's and more than a
/// few roundings.
std::string operation_errors(const UNetOptions& options, Network fused, const ExecutionPlan& plan, bool bf16) {
  const double coarse = accumulates_in_bf16() ? 16 : 1;
  const double few_roundings = bf16 ? coarse / 256 : 1.0 / (1 << 19);
  Network libtorch = training_network(options, KernelChoice::libtorch), exact = double_network(options);
  std::string text;
  for (const NodeRange& range : node_ranges(libtorch, plan, random_images(5), bf16)) {
    const auto upstream = upstream_gradient(exact, range);
    const auto region = plan.find(range.first);
    const NamedTensors expected = run_range(exact, range, nullptr, upstream);
    const Bf16Autocast autocast(bf16);
    const NamedTensors theirs = run_range(libtorch, range, nullptr, upstream);
    const NamedTensors ours = run_range(fused, range, region == plan.end() ? nullptr : &region->second, upstream);
    const std::string found = excessive_errors(expected, ours, 0, [&](const std::string& name) {
      return std::max(4 * std::min(relative_error(theirs.at(name), expected.at(name)), coarse / 64), few_roundings);
    });
    if (!found.empty()) text += "\n" + fused->graph().nodes()[range.first].name + found;
  }
  return text;
}

/// Runs a training step; returns logits, gradients and statistics.
NamedTensors training_step(Network network, const torch::Tensor& images, bool bf16 = false) {
  const Bf16Autocast autocast(bf16);
  torch::manual_seed(2);  // dropout
  const auto logits = network->forward(images);
  logits.backward(varied_factors(logits).to(logits.scalar_type()));
  NamedTensors all{{"logits", logits.detach()}};
  for (const auto& item : network->named_parameters())
    if (item.value().grad().defined()) all[item.key()] = item.value().grad();
  for (const auto& item : network->named_buffers()) all[item.key()] = item.value();
  return all;
}

/// Concatenates all gradients.
torch::Tensor joined_gradients(Network network, const NamedTensors& step) {
  std::vector<torch::Tensor> parts;
  for (const auto& item : network->named_parameters())
    if (step.count(item.key()) != 0) parts.push_back(step.at(item.key()).to(torch::kDouble).flatten());
  return torch::cat(parts);
}

class TrainingAccuracy : public testing::TestWithParam<NetworkCase> {
 protected:
  const UNetOptions options_ = GetParam().options();
};

TEST_P(TrainingAccuracy, EveryOperationIsAsAccurateAsInLibTorch) {
  for (const bool bf16 : {false, true}) {
    Network fused = training_network(options_, KernelChoice::fused);
    EXPECT_EQ(operation_errors(options_, fused, training_plan(*fused), bf16), "") << (bf16 ? "bf16" : "fp32");
  }
}

/// Allows four times LibTorch's error, or the change of the exact result when images change by a relative 1e-5. A
/// change that carries a value across the kink of a ReLU has a much larger effect; such images are skipped, which the
/// exact network alone decides.
TEST_P(TrainingAccuracy, AStepIsAsAccurateAsInLibTorch) {
  constexpr int kSeeds = 3, kTried = 60;
  constexpr double kChange = 1e-5, kSteady = 5e-3;
  constexpr double kCancellation = 5e-4;  // the gradient of a bias is a sum that nearly cancels
  int used = 0;
  for (int64_t seed = 3; seed < 3 + kTried && used < kSeeds; ++seed) {
    const auto images = random_images(seed);
    const auto changed = images.to(torch::kDouble) * (1 + kChange * torch::randn(images.sizes(), torch::kDouble));
    const NamedTensors exact = training_step(double_network(options_), images.to(torch::kDouble)),
                       perturbed = training_step(double_network(options_), changed);
    const double smallest_norm = 1e-3 * largest_norm(exact);  // a bias before a norm has a gradient of 0
    const auto sensitivity = [&](const std::string& name) {
      return relative_error(perturbed.at(name), exact.at(name), smallest_norm);
    };
    const bool is_steady =
        std::all_of(exact.begin(), exact.end(), [&](const auto& item) { return sensitivity(item.first) <= kSteady; });
    if (!is_steady) continue;
    ++used;
    const NamedTensors theirs = training_step(training_network(options_, KernelChoice::libtorch), images),
                       ours = training_step(training_network(options_, KernelChoice::fused), images);
    const auto allowed = [&](const std::string& name) {
      const double error = relative_error(theirs.at(name), exact.at(name), smallest_norm);
      return std::min(std::max({4 * error, sensitivity(name), kCancellation}), kSteady);
    };
    EXPECT_EQ(excessive_errors(exact, ours, smallest_norm, allowed), "") << "seed " << seed;
  }
  EXPECT_EQ(used, kSeeds) << "too few images without a value near a kink";
}

/// In bf16, rounding carries some values of every image across a kink, so that single gradients say little; the error
/// of all gradients together is compared.
TEST_P(TrainingAccuracy, AStepInBf16IsAsAccurateAsInLibTorch) {
  for (int64_t seed = 3; seed < 6; ++seed) {
    const auto images = random_images(seed);
    Network exact = double_network(options_), libtorch = training_network(options_, KernelChoice::libtorch),
            fused = training_network(options_, KernelChoice::fused);
    const auto expected = joined_gradients(exact, training_step(exact, images.to(torch::kDouble)));
    const auto error = [&](Network network) {
      return relative_error(joined_gradients(network, training_step(network, images, /*bf16=*/true)), expected);
    };
    const double theirs = error(libtorch), ours = error(fused);
    EXPECT_LE(ours, 1.5 * theirs + 1.0 / 256) << "seed " << seed;
    EXPECT_LE(theirs, accumulates_in_bf16() ? 1 : 0.5) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, TrainingAccuracy, testing::ValuesIn(network_cases()),
                         [](const auto& info) { return std::string(info.param.name); });

/// Returns `plan` with regions whose results `change` corrupts.
template <class Change>
ExecutionPlan corrupted_plan(ExecutionPlan plan, const Change& change) {
  for (auto& item : plan) {
    const auto run = item.second.run;
    item.second.run = [run, change](const std::vector<torch::Tensor>& inputs, Pass pass) {
      return change(run(inputs, pass));
    };
  }
  return plan;
}

TEST(OperationErrors, WrongKernelsExceedTheBounds) {
  const UNetOptions options = network_cases().front().options();
  Network network = training_network(options, KernelChoice::fused);
  const auto plan = training_plan(*network);
  const auto value_scaled = [](const torch::Tensor& y) { return y * 1.05; };
  const auto gradient_scaled = [](const torch::Tensor& y) { return y * 1.05 - 0.05 * y.detach(); };
  const auto shifted = [](const torch::Tensor& y) { return y.roll(1, 3); };
  const auto without_gradient_of_a_channel = [](const torch::Tensor& y) {
    return torch::cat({y.narrow(1, 0, 1).detach(), y.narrow(1, 1, y.size(1) - 1)}, 1);
  };
  for (const bool bf16 : {false, true}) {
    EXPECT_EQ(operation_errors(options, network, plan, bf16), "");
    EXPECT_NE(operation_errors(options, network, corrupted_plan(plan, value_scaled), bf16), "");
    EXPECT_NE(operation_errors(options, network, corrupted_plan(plan, gradient_scaled), bf16), "");
    EXPECT_NE(operation_errors(options, network, corrupted_plan(plan, shifted), bf16), "");
    EXPECT_NE(operation_errors(options, network, corrupted_plan(plan, without_gradient_of_a_channel), bf16), "");
  }
}

TEST(OperationErrors, AreInfiniteForNonfiniteValuesAndOtherShapes) {
  const auto exact = torch::ones({4}), broken = torch::tensor({1.0F, 1.0F, std::nanf(""), 1.0F});
  EXPECT_FALSE(std::isfinite(relative_error(broken, exact)));
  EXPECT_FALSE(std::isfinite(relative_error(torch::ones({5}), exact)));
  EXPECT_NE(excessive_errors({{"a", exact}}, {}, 0, [](const std::string&) { return 1e9; }), "");
}

/// Guards against the fault that `onednn_breaks_input_gradient_of_odd_outputs` describes.
TEST(Network, ConvolutionsWithOddOutputsHaveCorrectInputGradientsInBf16) {
  for (const int64_t outputs : {1, 3, 11})
    for (const PerAxis& size : {PerAxis{10, 6}, PerAxis{20, 12}, PerAxis{120, 120}, PerAxis{64, 64}}) {
      Graph graph;
      const Value image = graph.add("input", op::Input{8}, {});
      graph.add("conv", op::Conv2d{8, outputs, 1}, {image});
      Network network(graph);
      network->train();
      torch::manual_seed(1);
      const auto images = torch::randn({2, 8, size[0], size[1]}).contiguous(kChannelsLast);
      const auto gradient = [&](bool bf16) {
        const Bf16Autocast autocast(bf16);
        const auto leaf = images.clone().requires_grad_();
        const auto output = network->forward(leaf);
        EXPECT_TRUE(output.is_contiguous(kChannelsLast));
        return torch::autograd::grad({output}, {leaf}, {varied_factors(output).to(output.scalar_type())})[0];
      };
      EXPECT_LE(relative_error(gradient(true), gradient(false)), accumulates_in_bf16() ? 0.1 : 0.02)
          << outputs << " outputs, " << size[0] << "x" << size[1];
    }
}

}  // namespace
}  // namespace unet
