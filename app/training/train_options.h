#pragma once

#include "app/training/optimizer_rules.h"
#include "app/training/schedules.h"
#include "configs/schema/options.h"

namespace unet {

/// The `train` section.
struct TrainOptions : Options {
  TrainOptions();
  void fields(FieldVisitor& visit) override;

  int64_t epochs = 100;
  int64_t batch_size = 8;
  int64_t accumulate = 1;
  double lr = 1e-3;
  double weight_decay = 1e-2;
  ChoiceOf<OptimizerRule> optimizer;
  ChoiceOf<Schedule> schedule;
  std::optional<int64_t> warmup_steps;
  double clip_grad_norm = 5;
  double ema_decay = 0;
  std::string precision = "auto";
  std::string memory_format = "auto";
  std::optional<int64_t> validate_every_steps;
  std::string best_by = "mean_iou";
  int64_t early_stopping_patience = 0;
  int64_t seed = 0;
  bool deterministic = false;
  int64_t log_every_steps = 10;
  int64_t sample_images = 4;
};

}  // namespace unet
