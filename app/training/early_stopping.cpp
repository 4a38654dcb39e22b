#include "app/training/early_stopping.h"

namespace unet {

void EarlyStopping::validated(double score, int64_t step) {
  const bool is_best = score > state_.best_score;
  state_.validations_without_gain = is_best ? 0 : state_.validations_without_gain + 1;
  if (is_best) {
    state_.best_score = score;
    state_.best_step = step;
  }
  state_.stopped = patience_ > 0 && state_.validations_without_gain >= patience_;
}

void EarlyStopping::choose(double score, int64_t step) {
  state_.best_score = score;
  state_.best_step = step;
}

void EarlyStopping::restart() {
  state_.validations_without_gain = 0;
  state_.stopped = false;
}

}  // namespace unet
