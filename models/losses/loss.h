#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <vector>

#include "configs/schema/boundary_weights.h"
#include "configs/schema/options.h"
#include "models/losses/loss_input.h"

namespace unet {

/// A loss with its options. Stateless: equal arguments give equal values.
class Loss : public Options {
 public:
  double weight = 1;

  void fields(FieldVisitor& visit) override;

  /// Throws Error(config) if the options do not fit the classes.
  virtual void check(const LossContext& context) const;

  /// Returns the weight map that this loss multiplies its pixels by; nothing for most losses. Its Target::weight then
  /// holds the map, which data/ makes from the augmented labels.
  virtual std::optional<BoundaryWeights> boundary_weights() const { return std::nullopt; }

  /// Returns what this batch contributes to the loss of its optimizer step, a float32 scalar; for a step of one part,
  /// the loss of the batch. A loss that averages over pixels divides by LossInput::step_class_weight; any other loss
  /// returns LossInput::mean_over_parts of its value. Pixels with kIgnoreLabel have no influence; if all pixels are
  /// ignored, the value and the gradient are 0. Expects options that passed `check`.
  virtual torch::Tensor compute(const LossInput& input) const = 0;
};

const Registry<Loss>& losses();

/// The `loss` section: a weighted sum of losses.
struct LossOptions : Options {
  explicit LossOptions(const Registry<Loss>& table = losses(),
                       const std::vector<std::string>& names = {"cross_entropy", "dice"});
  void fields(FieldVisitor& visit) override;

  ChoicesOf<Loss> terms;
};

/// Returns the weighted sum of the terms, a float32 scalar.
torch::Tensor total_loss(const LossOptions& options, const LossInput& input);

/// The same where terms that ask for a weight map get `mapped`, and all others `plain`.
torch::Tensor total_loss(const LossOptions& options, const LossInput& plain, const LossInput& mapped);

/// Returns the weight map that the terms with a weight above 0 ask for; nothing if none does. Expects options that
/// passed `check_losses`.
std::optional<BoundaryWeights> boundary_weights(const LossOptions& options);

/// Throws Error(config) if no term has a weight above 0, if the options of a term do not fit the classes, or if two
/// terms ask for different weight maps.
void check_losses(const LossOptions& options, const LossContext& context);

}  // namespace unet
