#pragma once

#include <cstdint>

namespace unet {

/// The part of a checkpoint that belongs to LossScaler.
struct LossScalerState {
  double scale = 65536;
  int64_t good_steps = 0;  ///< since the scale changed

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("loss_scale", state.scale);
    visit("loss_scale_good_steps", state.good_steps);
  }
};

/// Scales the loss so that small gradients do not become 0 in fp16: as large as possible without overflow. The scale
/// depends only on the steps before. Source: Micikevicius et al. 2017, arXiv:1710.03740; numbers as in
/// torch.cuda.amp.GradScaler.
class LossScaler {
 public:
  /// Without `enabled` the scale is 1 and nothing changes it.
  explicit LossScaler(bool enabled) : enabled_(enabled) {}

  double scale() const { return enabled_ ? state_.scale : 1; }

  /// Call after a step with finite gradients: doubles the scale after 2000 of them.
  void succeeded();

  /// Call after a step whose loss or gradient is not finite. Halves the scale and returns true, or returns false where
  /// a lower scale cannot help: at 1, the loss or gradient is not finite without scaling either.
  bool overflowed();

  const LossScalerState& state() const { return state_; }
  void restore(const LossScalerState& state) { state_ = state; }

 private:
  bool enabled_;
  LossScalerState state_;
};

}  // namespace unet
