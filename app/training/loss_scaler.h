#pragma once

#include <cstdint>

namespace unet {

/// The factor of the loss that keeps the small gradients of fp16 from becoming 0: as large as possible without
/// overflow. It depends on nothing but the steps before. Source: Micikevicius et al. 2017, arXiv:1710.03740;
/// numbers as in torch.cuda.amp.GradScaler.
struct LossScaler {
  double scale = 65536;
  int64_t good_steps = 0;  ///< since the scale changed

  /// After a step with finite gradients: doubled after 2000 of them.
  void succeeded();

  /// After gradients that are not finite: halved.
  void overflowed();

  /// Whether a lower scale may help; at 1 the gradients are not finite without it either.
  bool can_shrink() const { return scale > 1; }
};

}  // namespace unet
