// Compares the fused optimizer kernels with the same rules in tensor operations.

#include "app/optimization/optimizer_rules.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <functional>
#include <set>

#include "app/optimization/fused_optimizer.h"
#include "app/optimization/optimizer_kernels.h"
#include "configs/schema/reader.h"
#include "tests/support/error_text.h"
#include "tests/support/optimizer_oracle.h"

namespace unet {
namespace {

struct RuleChoice : Options {
  ChoiceOf<OptimizerRule> optimizer{optimizer_rules(), "sgd"};
  void fields(FieldVisitor& visit) override { visit("optimizer", optimizer, "the rule"); }
};

using Layout = std::function<torch::Tensor(const torch::Tensor&)>;

torch::Tensor as_contiguous(const torch::Tensor& x) { return x.clone(torch::MemoryFormat::Contiguous); }

torch::Tensor as_channels_last(const torch::Tensor& x) { return x.clone(torch::MemoryFormat::ChannelsLast); }

/// Copies the values with gaps in memory.
torch::Tensor as_gapped(const torch::Tensor& x) { return torch::stack({x, x}, -1).select(-1, 0); }

struct LayoutCase {
  const char* name;
  Layout parameter, gradient;
};

const std::vector<LayoutCase>& layout_cases() {
  static const std::vector<LayoutCase> cases{{"contiguous", as_contiguous, as_contiguous},
                                             {"channels_last", as_channels_last, as_channels_last},
                                             {"another order in the gradient", as_channels_last, as_contiguous},
                                             {"gaps in the gradient", as_contiguous, as_gapped},
                                             {"gaps in the parameter", as_gapped, as_channels_last}};
  return cases;
}

/// Returns parameters of two sizes after four steps of `update`.
template <class Update>
std::vector<torch::Tensor> after_four_steps(const Update& update, torch::ScalarType type, const LayoutCase& layout) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  ParameterGroup group;
  std::vector<TensorMap> states(2);
  for (const int64_t channels : {3, 40}) {
    group.values.push_back(layout.parameter(torch::randn({channels, 5, 3, 3}, type)));
    group.states.push_back(&states[group.states.size()]);
  }
  for (int64_t step = 1; step <= 4; ++step) {
    group.gradients.clear();
    for (const auto& value : group.values)
      group.gradients.push_back(layout.gradient(torch::randn(value.sizes(), type)));
    update(group, UpdateArgs{step, /*lr=*/0.01, /*weight_decay=*/0.1, /*gradient_factor=*/0.5});
  }
  return group.values;
}

TEST(OptimizerRules, EveryRuleMatchesTensorOperationsInEveryTypeAndLayout) {
  std::set<std::string> tried;
  for (const OptimizerOracle& oracle : optimizer_oracles()) {
    RuleChoice options;
    read_options(parse_yaml("optimizer: " + oracle.options, "test"), options);
    tried.insert(options.optimizer.name());
    const auto fused = [&](const auto& group, const auto& args) { options.optimizer->update(group, args); };
    for (const auto type : {torch::kFloat, torch::kDouble})
      for (const LayoutCase& layout : layout_cases()) {
        const auto expected = after_four_steps(oracle.update, type, layout_cases()[0]);
        const auto actual = after_four_steps(fused, type, layout);
        const auto in_first_layout = after_four_steps(fused, type, layout_cases()[0]);
        for (size_t i = 0; i < expected.size(); ++i) {
          const double difference = (actual[i] - expected[i]).abs().max().item<double>();
          EXPECT_LE(difference, type == torch::kFloat ? 1e-5 : 1e-13)
              << oracle.options << ", " << torch::toString(type) << ", " << layout.name;
          EXPECT_TRUE(torch::equal(actual[i], in_first_layout[i])) << oracle.options << ", " << layout.name;
        }
      }
  }
  const auto names = optimizer_rules().names();
  EXPECT_EQ(tried, std::set<std::string>(names.begin(), names.end())) << "a rule has no oracle";
}

/// Plain SGD: p -= g.
constexpr SgdKernel kPlainSgdKernel{/*lr=*/1, /*weight_decay=*/0, /*gradient_factor=*/1, 0, false, false};

TEST(OptimizerRules, GradientsAreNotModified) {
  for (const LayoutCase& layout : layout_cases()) {
    auto value = layout.parameter(torch::ones({2, 3, 3, 3}));
    const auto gradient = layout.gradient(torch::full({2, 3, 3, 3}, 2.0));
    apply_fused<2>({{{value}, {gradient}}}, kPlainSgdKernel);
    EXPECT_TRUE(torch::equal(value, torch::full_like(value, -1))) << layout.name;
    EXPECT_TRUE(torch::equal(gradient, torch::full_like(gradient, 2))) << layout.name;
  }
}

TEST(OptimizerRules, TypesWithoutAKernelAreRefused) {
  const auto float_values = torch::ones({3}), bf16_values = torch::ones({3}, torch::kBFloat16);
  for (const auto& gradient : {float_values, bf16_values}) {
    const std::string text = error_text(ErrorKind::internal, [&] {
      apply_fused<2>({{{bf16_values}, {gradient}}}, kPlainSgdKernel);
    });
    EXPECT_EQ(text.rfind("[optimizer] ", 0), 0u) << text;
  }
}

}  // namespace
}  // namespace unet
