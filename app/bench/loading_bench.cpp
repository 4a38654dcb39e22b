#include "app/bench/loading_bench.h"

#include <torch/types.h>

#include "app/training/learner.h"
#include "app/training/training_data.h"
#include "data/samples/loader.h"

namespace unet {
namespace {

/// Endless sequence of batches, epoch after epoch.
class EndlessBatches {
 public:
  EndlessBatches(const TrainingSet& set, const LoaderPlan& plan) : set_(set), plan_(plan) {}

  Batch next() {
    for (;; ++epoch_, loader_.reset()) {
      if (!loader_) loader_ = std::make_unique<Loader>(set_, plan_, epoch_);
      if (auto batch = loader_->next()) return *batch;
    }
  }

 private:
  const TrainingSet& set_;
  LoaderPlan plan_;
  int64_t epoch_ = 0;
  std::unique_ptr<Loader> loader_;
};

}  // namespace

LoadingBench bench_loading(Config config, const Execution& execution, int64_t repeat) {
  config.data.cache_mb = 0;
  config.data.cache_dir.clear();
  const TrainingData data = prepare_data(config, {});
  const TrainingSet set = training_set(config, data.train);
  LoadingBench result;
  result.batch_size = config.train.batch_size;
  const LoaderPlan main_thread{result.batch_size};
  EndlessBatches batches(set, main_thread);
  for (int64_t i = 0; i < repeat; ++i) result.batch.seconds.push_back(seconds_of([&] { batches.next(); }));

  Learner learner(config, data.class_share, *config.data.channels, execution);
  learner.freeze_for(config.train.freeze_epochs);
  StepArgs args;
  args.lr = config.train.lr;
  args.average_decay = 0.9;
  const auto step = [&](const Batch& batch) { learner.step(StepBatches(batch), args); };
  const Batch in_memory = batches.next();
  for (int64_t i = 0; i < 2; ++i) step(in_memory);
  constexpr int64_t kStepsPerTurn = 4;
  for (int64_t i = 0; i < repeat; ++i) {
    const double step_seconds = seconds_of([&] {
      for (int64_t k = 0; k < kStepsPerTurn; ++k) step(in_memory);
    });
    result.step.seconds.push_back(step_seconds / kStepsPerTurn);
    EndlessBatches loaded(set, loader_plan(config, execution));
    step(loaded.next());  // starts the workers
    const double loaded_seconds = seconds_of([&] {
      for (int64_t k = 0; k < kStepsPerTurn; ++k) step(loaded.next());
    });
    result.loaded_step.seconds.push_back(loaded_seconds / kStepsPerTurn);
  }
  return result;
}

}  // namespace unet
