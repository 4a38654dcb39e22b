// Compares the losses with torch.nn.functional, binary ones with their sigmoid forms; see scripts/reference/losses.py.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "configs/schema/reader.h"
#include "models/losses/loss.h"
#include "tests/support/golden.h"

namespace unet {
namespace {

constexpr double kLossTolerance = 1e-6;

TEST(LossesGolden, ValuesAndGradientsMatchPyTorch) {
  const auto golden = read_golden("losses");
  ASSERT_GE(golden.metadata.size(), 17u);
  const auto share = golden.tensors.at("class_share");
  for (const auto& [name, options_text] : golden.metadata) {
    LossOptions options;
    read_options(parse_yaml(options_text, name), options);
    const auto logits = golden.tensors.at(name + "/logits").clone().requires_grad_();
    LossContext context;
    context.num_classes = std::max<int64_t>(2, logits.size(1));
    context.class_share.assign(share.data_ptr<double>(), share.data_ptr<double>() + share.numel());
    const auto& labels = golden.tensors.at(name + "/labels");
    const auto map = golden.tensors.find(name + "/weight");
    const Target mapped{labels, map == golden.tensors.end() ? torch::Tensor() : map->second};
    const auto value = total_loss(options, LossInput(logits, {labels}, context), LossInput(logits, mapped, context));
    value.backward();
    EXPECT_LE(relative_difference(value, golden.tensors.at(name + "/value")), kLossTolerance) << name;
    EXPECT_LE(relative_difference(logits.grad(), golden.tensors.at(name + "/gradient")), kLossTolerance) << name;
  }
}

TEST(LossesGolden, HaveACaseOfEveryLoss) {
  std::set<std::string> tested;
  for (const auto& [name, options_text] : read_golden("losses").metadata) {
    LossOptions options;
    read_options(parse_yaml(options_text, name), options);
    for (const auto& term : options.terms) tested.insert(term.name());
  }
  for (const auto& name : losses().names()) EXPECT_EQ(tested.count(name), 1u) << name;
}

}  // namespace
}  // namespace unet
