#include "app/training/schedules.h"

#include <algorithm>
#include <cmath>

namespace unet {
namespace {

double progress(int64_t step, int64_t total) {
  return std::clamp(static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, total)), 0.0, 1.0);
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
  void fields(FieldVisitor& visit) override { visit("power", power, "1 is linear", above(0)); }
  double factor(int64_t step, int64_t total, const PlateauState&) const override {
    return std::pow(1 - progress(step, total), power);
  }
};

/// Source: Loshchilov & Hutter 2016, arXiv:1608.03983, without restarts.
class Cosine : public Schedule {
 public:
  double final_factor = 0;
  void fields(FieldVisitor& visit) override {
    visit("final_factor", final_factor, "factor reached at the end", in_range(0, 1));
  }
  double factor(int64_t step, int64_t total, const PlateauState&) const override {
    return final_factor + (1 - final_factor) * 0.5 * (1 + std::cos(M_PI * progress(step, total)));
  }
};

class Step : public Schedule {
 public:
  int64_t every = 1000;
  double gamma = 0.1;
  void fields(FieldVisitor& visit) override {
    visit("every", every, "optimizer steps between two drops", at_least(1));
    visit("gamma", gamma, "factor of each drop", in_range(0, 1));
  }
  double factor(int64_t step, int64_t, const PlateauState&) const override {
    return std::pow(gamma, static_cast<double>(step / every));
  }
};

class Plateau : public Schedule {
 public:
  int64_t patience = 10;
  double gamma = 0.1;
  void fields(FieldVisitor& visit) override {
    visit("patience", patience, "validations without a better score before a drop", at_least(0));
    visit("gamma", gamma, "factor of each drop", in_range(0, 1));
  }
  double factor(int64_t, int64_t, const PlateauState& plateau) const override { return plateau.factor; }
  void validated(double score, PlateauState& plateau) const override {
    if (score > plateau.best_score) {
      plateau.best_score = score;
      plateau.validations_without_gain = 0;
    } else if (++plateau.validations_without_gain > patience) {
      plateau.factor *= gamma;
      plateau.validations_without_gain = 0;
    }
  }
};

}  // namespace

const Registry<Schedule>& schedules() {
  static const Registry<Schedule> table{
      "schedule",
      {{"constant", "always lr", make_row<Schedule, Constant>},
       {"poly", "(1 - progress)^power, zero at the end", make_row<Schedule, Poly>},
       {"cosine", "half a cosine", make_row<Schedule, Cosine>},
       {"step", "a drop every so many steps", make_row<Schedule, Step>},
       {"plateau", "a drop when the validation score stops rising", make_row<Schedule, Plateau>}}};
  return table;
}

double factor_with_warmup(const Schedule& schedule, int64_t step, int64_t total, int64_t warmup,
                          const PlateauState& plateau) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup + 1);
  return schedule.factor(step - warmup, total - warmup, plateau);
}

}  // namespace unet
