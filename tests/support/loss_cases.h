#pragma once

#include <torch/types.h>

#include <algorithm>
#include <string>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "models/losses/loss.h"

namespace unet {

inline LossOptions read_loss(const std::string& yaml) {
  LossOptions options;
  read_options(parse_yaml(yaml, "test"), options);
  return options;
}

inline LossOptions loss_of_term(const std::string& name) { return read_loss("terms: [" + name + "]"); }

inline LossContext context_for(int64_t classes) {
  LossContext context;
  context.num_classes = classes;
  context.class_share.assign(static_cast<size_t>(classes), 1.0 / static_cast<double>(classes));
  return context;
}

/// Labels (2,3,4) of three classes with some ignored pixels.
inline torch::Tensor some_labels() {
  const auto labels = torch::arange(24).remainder(3).reshape({2, 3, 4});
  return labels.masked_fill(torch::arange(24).remainder(5).eq(0).reshape({2, 3, 4}), kIgnoreLabel);
}

inline torch::Tensor some_logits(int64_t classes) {
  torch::manual_seed(0);
  return torch::randn({2, classes, 3, 4});
}

struct Evaluated {
  double value = 0;
  torch::Tensor gradient;
};

inline Evaluated evaluate(const LossOptions& options, const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto leaf = logits.clone().requires_grad_();
  const LossContext context = context_for(std::max<int64_t>(2, logits.size(1)));
  const auto value = total_loss(options, LossInput(leaf, {labels}, context));
  value.backward();
  return {value.item<double>(), leaf.grad()};
}

/// Logits that predict `labels` with certainty; 0 at ignored pixels.
inline torch::Tensor certain_logits(const torch::Tensor& labels, int64_t classes) {
  const auto index = torch::arange(classes).view({1, classes, 1, 1});
  const auto truth = labels.unsqueeze(1).eq(index).to(torch::kFloat);
  return (60 * truth - 30) * labels.ne(kIgnoreLabel).unsqueeze(1);
}

/// Every loss with its defaults, and with options that change how it is computed.
inline std::vector<std::string> loss_terms() {
  auto terms = losses().names();
  for (const char* term :
       {"{name: cross_entropy, label_smoothing: 0.1}", "{name: cross_entropy, class_weights: [1, 3, 2]}",
        "{name: dice, per: image}", "{name: dice, squared: true, smooth: 0}", "{name: focal, gamma: 0.5}",
        "{name: focal, gamma: 0, class_weights: auto}", "{name: top_k_cross_entropy, share: 0.6}",
        "{name: top_k_cross_entropy, share: 1, class_weights: [1, 3, 2]}", "{name: tversky, gamma: 1.5, smooth: 0}",
        "{name: tversky, gamma: 0.5, per: image}", "{name: lovasz_softmax, per: image}",
        "{name: cl_dice, per: image, smooth: 0}"})
    terms.emplace_back(term);
  return terms;
}

/// Loss and gradient of a step, computed as one batch and in parts of these sizes.
struct StepInParts {
  Evaluated full, parts;

  StepInParts(const LossOptions& options, const torch::Tensor& logits, const Target& target,
              const std::vector<int64_t>& sizes) {
    const LossContext context = context_for(std::max<int64_t>(2, logits.size(1)));
    const auto leaf = logits.clone().requires_grad_();
    const auto value = total_loss(options, LossInput(leaf, target, context));
    value.backward();
    full = {value.item<double>(), leaf.grad()};
    const auto leaf_of_parts = logits.clone().requires_grad_();
    const auto step_weight = target.class_weight(context.num_classes).to(torch::kFloat);
    int64_t first = 0;
    for (const int64_t size : sizes) {
      const auto part = [&](const torch::Tensor& all) { return all.defined() ? all.narrow(0, first, size) : all; };
      const StepNormalizer normalizer{static_cast<double>(logits.size(0)) / static_cast<double>(size), step_weight};
      const auto share = total_loss(
          options, LossInput(part(leaf_of_parts), {part(target.labels), part(target.weight)}, context, normalizer));
      share.backward();
      parts.value += share.item<double>();
      first += size;
    }
    parts.gradient = leaf_of_parts.grad();
  }
};

}  // namespace unet
