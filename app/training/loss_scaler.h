#pragma once

#include <cstdint>

namespace unet {

/// State of LossScaler, part of a checkpoint.
struct LossScalerState {
  double scale = 65536;
  int64_t good_steps = 0;  ///< number of steps since the scale changed

  template <class State, class Visitor>
  static void fields(State& state, Visitor&& visit) {
    visit("loss_scale", state.scale);
    visit("loss_scale_good_steps", state.good_steps);
  }
};

/// Scales the loss so that small gradients do not become 0 in fp16. The scale is as large as possible without overflow
/// and depends only on earlier steps. Source: Micikevicius et al. 2017, arXiv:1710.03740; constants as in
/// torch.cuda.amp.GradScaler.
class LossScaler {
 public:
  /// If not `enabled`, the scale is always 1.
  explicit LossScaler(bool enabled) : enabled_(enabled) {}

  double scale() const { return enabled_ ? state_.scale : 1; }

  /// Call after a step with finite gradients: doubles the scale after 2000 of them.
  void succeeded();

  /// Call after a step whose loss or gradient is not finite. Halves the scale and returns true. Returns false if the
  /// scale is 1, because the step overflows without scaling too.
  bool overflowed();

  const LossScalerState& state() const { return state_; }
  void restore(const LossScalerState& state) { state_ = state; }

 private:
  bool enabled_;
  LossScalerState state_;
};

}  // namespace unet
