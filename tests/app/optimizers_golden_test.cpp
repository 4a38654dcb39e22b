// The optimizers against torch.optim, with a learning rate that changes at every step.

#include <gtest/gtest.h>

#include <set>

#include "app/training/optimizer_rules.h"
#include "configs/schema/reader.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kTolerance = 1e-12;

struct Case : Options {
  ChoiceOf<OptimizerRule> optimizer{optimizer_rules(), "sgd"};
  double weight_decay = 0;

  void fields(FieldVisitor& visit) override {
    visit("optimizer", optimizer, "the rule");
    visit("weight_decay", weight_decay, "its weight decay");
  }
};

torch::Tensor parameter_after_each_step(const Case& options, const TensorMap& golden, bool in_one_pass) {
  torch::NoGradGuard no_grad;
  auto parameter = golden.at("start").clone();
  const auto gradients = golden.at("gradients");
  TensorMap state;
  std::vector<torch::Tensor> after;
  for (int64_t i = 0; i < gradients.size(0); ++i) {
    const double lr = golden.at("lr")[i].item<double>();
    options.optimizer->update(parameter, gradients[i] / 4, state,
                              {i + 1, lr, options.weight_decay, /*gradient_factor=*/4, in_one_pass});
    after.push_back(parameter.clone());
  }
  return torch::stack(after);
}

TEST(OptimizersGolden, EveryStepIsThatOfPyTorch) {
  const auto golden = read_golden("optimizers");
  std::set<std::string> tried;
  for (const auto& [name, options_text] : golden.metadata) {
    Case options;
    read_options(parse_yaml(options_text, name), options);
    tried.insert(options.optimizer.name());
    for (const bool in_one_pass : {false, true}) {
      const auto after = parameter_after_each_step(options, golden.tensors, in_one_pass);
      EXPECT_LE(relative_difference(after, golden.tensors.at(name)), kTolerance)
          << name << (in_one_pass ? " in one pass" : "");
    }
  }
  const auto names = optimizer_rules().names();
  EXPECT_EQ(tried, std::set<std::string>(names.begin(), names.end())) << "a rule has no golden values";
}

}  // namespace
}  // namespace unet
