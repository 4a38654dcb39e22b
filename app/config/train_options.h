#pragma once

#include "app/optimization/optimizer_rules.h"
#include "app/optimization/schedules.h"
#include "app/runtime/execution.h"
#include "configs/schema/options.h"

namespace unet {

/// The parameters that weight decay applies to; `weights` are neither biases nor parameters of norms.
enum class WeightDecayScope { all, weights };
template <>
struct EnumNames<WeightDecayScope> {
  static constexpr EnumName<WeightDecayScope> table[] = {{"all", WeightDecayScope::all},
                                                         {"weights", WeightDecayScope::weights}};
};

/// Policy for a loss or gradient that is NaN or Inf.
enum class NonfinitePolicy { stop, skip };
template <>
struct EnumNames<NonfinitePolicy> {
  static constexpr EnumName<NonfinitePolicy> table[] = {{"stop", NonfinitePolicy::stop},
                                                        {"skip", NonfinitePolicy::skip}};
};

/// Policy for a step that runs out of memory.
enum class OutOfMemoryPolicy { stop, halve };
template <>
struct EnumNames<OutOfMemoryPolicy> {
  static constexpr EnumName<OutOfMemoryPolicy> table[] = {{"stop", OutOfMemoryPolicy::stop},
                                                          {"halve", OutOfMemoryPolicy::halve}};
};

/// The `train` section.
struct TrainOptions : Options {
  TrainOptions();
  void fields(FieldVisitor& visit) override;

  int64_t epochs = 100;
  int64_t batch_size = 8;
  int64_t accumulate = 1;
  double lr = 1e-3;
  double encoder_lr_factor = 1;
  double decoder_lr_factor = 1;
  double weight_decay = 1e-2;
  WeightDecayScope weight_decay_on = WeightDecayScope::all;
  ChoiceOf<OptimizerRule> optimizer;
  ChoiceOf<Schedule> schedule;
  std::optional<int64_t> warmup_steps;
  double clip_grad_value = 0;
  double clip_grad_norm = 5;
  std::vector<std::string> freeze;
  int64_t freeze_epochs = 0;
  double ema_decay = 0;
  double swa_start = 0;
  Precision precision = Precision::automatic;
  MemoryFormatOption memory_format = MemoryFormatOption::automatic;
  bool fast_paths = true;
  bool checkpoint_activations = false;
  std::optional<int64_t> validate_every_steps;
  std::string best_by = "mean_iou";
  int64_t early_stopping_patience = 0;
  int64_t seed = 0;
  bool deterministic = false;
  int64_t log_every_steps = 10;
  int64_t sample_images = 4;
  std::optional<int64_t> save_every_steps;
  int64_t keep_steps = 0;
  std::optional<Duration> max_time;
  std::optional<Duration> time_budget;
  std::optional<int64_t> validate_images;
  double validation_share = 0;
  NonfinitePolicy nonfinite = NonfinitePolicy::stop;
  int64_t nonfinite_limit = 10;
  OutOfMemoryPolicy out_of_memory = OutOfMemoryPolicy::stop;
  std::vector<std::string> metrics;
  bool temperature_scaling = true;

  bool averages_weights() const { return ema_decay > 0 || swa_start > 0; }

  /// Parts of the network that are frozen after `epoch` complete epochs.
  std::vector<std::string> frozen_parts(int64_t epoch) const;
};

}  // namespace unet
