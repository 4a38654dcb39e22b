#include "app/optimization/schedules.h"

#include <algorithm>
#include <cmath>

namespace unet {
namespace {

double progress(int64_t step, int64_t total) {
  return std::clamp(static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, total)), 0.0, 1.0);
}

/// From `start` at t = 0 to `end` at t = 1 along half a cosine.
double half_cosine(double start, double end, double t) {
  return end + (start - end) * (0.5 * (1 + std::cos(M_PI * t)));
}

class Constant : public Schedule {
 public:
  void fields(FieldVisitor&) override {}
  double factor(int64_t, int64_t, const PlateauState&) const override { return 1; }
};

/// (1 - t)^power. Source: Chen et al. 2016, arXiv:1606.00915.
class Poly : public Schedule {
 public:
  double power = 0.9;
  void fields(FieldVisitor& visit) override { visit("power", power, "exponent of the decay; 1 is linear", above(0)); }
  double factor(int64_t step, int64_t total, const PlateauState&) const override {
    return std::pow(1 - progress(step, total), power);
  }
};

/// Source: Loshchilov & Hutter 2016, arXiv:1608.03983, without restarts.
class Cosine : public Schedule {
 public:
  double final_factor = 0;
  void fields(FieldVisitor& visit) override {
    visit("final_factor", final_factor, "factor of lr at the end", in_range(0, 1));
  }
  double factor(int64_t step, int64_t total, const PlateauState&) const override {
    return half_cosine(1, final_factor, progress(step, total));
  }
};

/// Source: Loshchilov & Hutter 2016, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
class CosineRestarts : public Schedule {
 public:
  int64_t period = 1000;
  int64_t period_factor = 1;
  double final_factor = 0;
  void fields(FieldVisitor& visit) override {
    visit("period", period, "optimizer steps of the first period", at_least(1));
    visit("period_factor", period_factor, "length of each period relative to the one before", in_range(1, 1000));
    visit("final_factor", final_factor, "factor of lr at the end of each period", in_range(0, 1));
  }
  double factor(int64_t step, int64_t, const PlateauState&) const override {
    int64_t length = period;
    for (; step >= length; length *= period_factor) step -= length;
    return half_cosine(1, final_factor, progress(step, length));
  }
};

/// Rises from lr / div_factor to lr, then falls to lr / (div_factor * final_div_factor), along half a cosine each.
/// Source: Smith & Topin 2017, arXiv:1708.07120; torch.optim.lr_scheduler.OneCycleLR.
class OneCycle : public Schedule {
 public:
  double pct_start = 0.3;
  double div_factor = 25;
  double final_div_factor = 1e4;
  void fields(FieldVisitor& visit) override {
    visit("pct_start", pct_start, "fraction of the steps in which lr rises", in_range(0, 0.99));
    visit("div_factor", div_factor, "initial lr is lr / div_factor", at_least(1));
    visit("final_div_factor", final_div_factor, "final lr is lr / div_factor / final_div_factor", at_least(1));
  }
  double factor(int64_t step, int64_t total, const PlateauState&) const override {
    const double first = 1 / div_factor, last = first / final_div_factor;
    const double top = pct_start * static_cast<double>(total) - 1, end = static_cast<double>(total) - 1;
    const auto at = static_cast<double>(step);
    if (at < top) return half_cosine(first, 1, at / top);
    return half_cosine(1, last, (at - top) / (end - top));
  }
  int64_t default_warmup(int64_t) const override { return 0; }  // it includes a warm-up
};

/// final_factor^t, like torch.optim.lr_scheduler.ExponentialLR with gamma = final_factor^(1 / total).
class Exponential : public Schedule {
 public:
  double final_factor = 0.01;
  void fields(FieldVisitor& visit) override {
    Limits limits = in_range(0, 1);
    limits.above_low = true;
    visit("final_factor", final_factor, "factor of lr at the end, reached by the same factor in each step", limits);
  }
  double factor(int64_t step, int64_t total, const PlateauState&) const override {
    return std::pow(final_factor, progress(step, total));
  }
};

class StepDecay : public Schedule {
 public:
  int64_t every = 1000;
  double gamma = 0.1;
  void fields(FieldVisitor& visit) override {
    visit("every", every, "optimizer steps between two reductions", at_least(1));
    visit("gamma", gamma, "factor of each reduction", in_range(0, 1));
  }
  double factor(int64_t step, int64_t, const PlateauState&) const override {
    const int64_t drops = step / every;
    return std::pow(gamma, static_cast<double>(drops));
  }
};

/// Source: torch.optim.lr_scheduler.ReduceLROnPlateau with mode max and an absolute threshold.
class Plateau : public Schedule {
 public:
  int64_t patience = 10;
  double gamma = 0.1;
  double threshold = 0;
  void fields(FieldVisitor& visit) override {
    visit("patience", patience, "validations without improvement before a reduction", at_least(0));
    visit("gamma", gamma, "factor of each reduction", in_range(0, 1));
    visit("threshold", threshold, "minimum improvement of the score", in_range(0, 0.9));
  }
  double factor(int64_t, int64_t, const PlateauState& plateau) const override { return plateau.factor; }
  void validated(double score, PlateauState& plateau) const override {
    if (score > plateau.best_score + threshold) {
      plateau.best_score = score;
      plateau.validations_without_gain = 0;
    } else if (++plateau.validations_without_gain > patience) {
      plateau.factor *= gamma;
      plateau.validations_without_gain = 0;
    }
  }
};

}  // namespace

int64_t Schedule::default_warmup(int64_t total) const { return std::min<int64_t>(500, total / 20); }

const Registry<Schedule>& schedules() {
  static const Registry<Schedule> table{
      "schedule",
      {{"constant", "constant lr", make_row<Schedule, Constant>},
       {"poly", "polynomial decay: (1 - progress)^power, 0 at the end", make_row<Schedule, Poly>},
       {"cosine", "cosine decay", make_row<Schedule, Cosine>},
       {"cosine_restarts", "cosine with warm restarts", make_row<Schedule, CosineRestarts>},
       {"one_cycle", "rise to lr, then decay to almost 0", make_row<Schedule, OneCycle>},
       {"exponential", "exponential decay", make_row<Schedule, Exponential>},
       {"step", "reduction after every fixed number of steps", make_row<Schedule, StepDecay>},
       {"plateau", "reduction when the validation score stops improving", make_row<Schedule, Plateau>}}};
  return table;
}

double factor_with_warmup(const Schedule& schedule, int64_t step, int64_t total, int64_t warmup,
                          const PlateauState& plateau) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup + 1);
  return schedule.factor(step - warmup, total - warmup, plateau);
}

}  // namespace unet
