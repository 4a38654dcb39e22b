#include "app/training/nonfinite_guard.h"

#include "configs/schema/error.h"

namespace unet {

std::string NonFiniteGuard::skip(int64_t step, const std::string& fault) {
  if (!skips_)
    fail(ErrorKind::not_finite, "step ", step, ": ", fault,
         ". The weights are those before this step. Lower train.lr, set train.clip_grad_norm, or add --set "
         "train.precision=fp32. To skip such steps: --set train.nonfinite=skip.");
  if (++state_.skipped_in_a_row > limit_)
    fail(ErrorKind::not_finite, "step ", step, ": ", fault, ", after ", limit_,
         " consecutive skipped steps (train.nonfinite_limit). The weights are those before these steps. ",
         "Lower train.lr, set train.clip_grad_norm, or add --set train.precision=fp32.");
  return concat("step ", step, " is skipped: ", fault);
}

}  // namespace unet
