// Compares the optimizers with torch.optim, with another learning rate at every step.

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "app/optimization/optimizer_rules.h"
#include "configs/schema/reader.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kParameterTolerance = 1e-12;

struct OptimizerCase : Options {
  ChoiceOf<OptimizerRule> optimizer{optimizer_rules(), "sgd"};
  double weight_decay = 0;

  void fields(FieldVisitor& visit) override {
    visit("optimizer", optimizer, "the rule");
    visit("weight_decay", weight_decay, "weight decay");
  }
};

/// Copies the values with gaps in memory.
torch::Tensor values_with_gaps(const torch::Tensor& tensor) { return torch::stack({tensor, tensor}, -1).select(-1, 0); }

/// Returns two parameters of one group, which must get the same updates, after every step.
std::array<torch::Tensor, 2> parameters_after_each_step(const OptimizerCase& options, const TensorMap& golden) {
  torch::NoGradGuard no_grad;
  const auto gradients = golden.at("gradients");
  std::vector<torch::Tensor> parameters{golden.at("start").clone(), golden.at("start").clone()};
  std::array<TensorMap, 2> states;
  std::array<std::vector<torch::Tensor>, 2> after;
  for (int64_t i = 0; i < gradients.size(0); ++i) {
    const double lr = golden.at("lr")[i].item<double>();
    const torch::Tensor gradient = gradients[i] / 4;
    options.optimizer->update({parameters, {gradient, values_with_gaps(gradient)}, {&states[0], &states[1]}},
                              {i + 1, lr, options.weight_decay, /*gradient_factor=*/4});
    for (size_t p = 0; p < 2; ++p) after[p].push_back(parameters[p].clone());
  }
  return {torch::stack(after[0]), torch::stack(after[1])};
}

TEST(OptimizersGolden, EveryStepMatchesPyTorch) {
  const auto golden = read_golden("optimizers");
  std::set<std::string> tried;
  for (const auto& [name, options_text] : golden.metadata) {
    OptimizerCase options;
    read_options(parse_yaml(options_text, name), options);
    tried.insert(options.optimizer.name());
    for (const torch::Tensor& after : parameters_after_each_step(options, golden.tensors))
      EXPECT_LE(relative_difference(after, golden.tensors.at(name)), kParameterTolerance) << name;
  }
  const auto names = optimizer_rules().names();
  EXPECT_EQ(tried, std::set<std::string>(names.begin(), names.end())) << "a rule has no golden values";
}

}  // namespace
}  // namespace unet
