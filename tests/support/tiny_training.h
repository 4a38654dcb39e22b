#pragma once

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/training/trainer.h"
#include "data/synthetic/synthetic.h"
#include "tests/support/temp_folder.h"

namespace unet {

/// Observer that ignores all events.
struct SilentObserver : TrainingObserver {};

/// A training of 40 steps on synthetic images that takes about a second. Everything that draws random numbers or keeps
/// state is on: augmentation, dropout, bf16, EMA, accumulation, validation in the middle of an epoch.
class TinyTraining {
 public:
  explicit TinyTraining(const std::vector<std::string>& settings = {}) {
    spdlog::set_level(spdlog::level::off);
    write_synthetic({20, 32, 3, 7}, folder_ / "data");
    Tree tree = parse_yaml(kConfig, "tiny");
    set_value(tree, "data.dir=" + (folder_ / "data"));
    for (const std::string& setting : settings) set_value(tree, setting);
    config_ = std::make_unique<Config>();
    data_ = prepare_data(*config_, read_config(tree, *config_));
  }

  struct Result {
    std::string checkpoint;            ///< bytes of the last saved checkpoint
    std::vector<std::string> records;  ///< lines for steps and validations, without times
    TrainingEnd end = TrainingEnd::finished;
  };

  /// Trains from the start, or from a checkpoint's bytes, until `stop_at` steps are done. `prepare` (may be empty) is
  /// called before the first step.
  Result run(const std::string& from = "", int64_t stop_at = 1'000'000,
             const std::function<void(Trainer&)>& prepare = {}) {
    RecordingObserver observer;
    Result result;
    const Execution execution =
        choose_execution(device, config_->train.precision, config_->train.memory_format, config_->train.fast_paths);
    Trainer trainer(
        *config_, data_, execution, observer,
        [&](const Checkpoint& checkpoint, const TrainingState& state) {
          result.checkpoint = to_bytes(checkpoint);
          if (state.is_best()) best = result.checkpoint;
        },
        clock, [&] { return checkpoint_from_bytes(best, "best"); });
    if (!from.empty()) trainer.restore(checkpoint_from_bytes(from, "test"));
    if (prepare) prepare(trainer);
    result.end = trainer.run([&] { return trainer.state().step >= stop_at; });
    result.records = observer.records;
    return result;
  }

  std::string device = "cpu";
  RunClock clock = start_run_clock();
  std::string best;  ///< bytes of the best checkpoint of all runs so far

  Config& config() { return *config_; }
  const TrainingData& data() const { return data_; }

 private:
  static constexpr const char* kConfig = R"(
data: {size: [32, 32], num_workers: 0}
augment:
  vertical_flip: {probability: 0.5}
  rotation: {probability: 0.5}
  elastic: {probability: 0.5, sigma: [1, 3]}
  gamma: {probability: 0.5}
  noise: {probability: 0.5}
model: {depth: 2, base_channels: 4, dropout: 0.2}
train:
  epochs: 10
  batch_size: 2
  accumulate: 2
  lr: 5e-3
  precision: bf16
  ema_decay: 0.9
  validate_every_steps: 7
)";

  struct RecordingObserver : TrainingObserver {
    std::vector<std::string> records;
    void stepped(const StepReport& report) override {
      records.push_back(
          concat("step ", report.state.step, " loss ", report.loss, " lr ", report.lr, " norm ", report.gradient_norm));
    }
    void validated(const ValidationReport& report) override {
      records.push_back(concat("validation ", report.state.step, " train loss ", report.train_loss, " dice ",
                               report.scores->mean_dice.value_or(-1), " best ", report.state.is_best()));
    }
    void compared(const ComparisonReport& report) override {
      records.push_back(concat("comparison ", report.state.step, " last ", report.last_score, " earlier ",
                               report.earlier_step, " ", report.earlier_score, " best ", report.state.is_best()));
    }
  };

  TempFolder folder_;
  std::unique_ptr<Config> config_;
  TrainingData data_;
};

}  // namespace unet
