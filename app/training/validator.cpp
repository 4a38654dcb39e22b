#include "app/training/validator.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "app/evaluation/logit_sampler.h"
#include "app/evaluation/metric_set.h"
#include "app/scores/best_score.h"
#include "app/training/norm_statistics.h"
#include "data/samples/rng.h"

namespace unet {

Validator::Validator(const Config& config, const TrainingData& data, const TrainingBatches& batches,
                     const Execution& execution, RunClock clock)
    : seed_(static_cast<uint64_t>(config.train.seed)),
      class_names_(config.data.class_names),
      metrics_(metrics_to_compute(config.train.metrics, config.train.best_by)),
      num_outputs_(std::max<int64_t>(2, *config.model.num_classes)),
      fits_temperature_(config.train.temperature_scaling),
      data_(data),
      batches_(batches),
      execution_(execution),
      preprocessing_(config.data),
      clock_(std::move(clock)) {}

Validator::Result Validator::run(Learner& learner, const TrainingProgress& progress, bool needs_norm_statistics,
                                 const std::vector<SampleRef>& samples, const std::function<bool()>& stop_requested,
                                 const Predicted& predicted) const {
  learner.release_graph();
  if (needs_norm_statistics && has_batch_norm(learner.network()) &&
      !estimate_statistics(learner, progress, stop_requested))
    return {/*stopped=*/true, {}};
  const AveragedWeights* average = learner.averaged();
  return score(learner, average ? &average->weights() : nullptr, samples, stop_requested, predicted);
}

Validator::Result Validator::score(Learner& learner, const TensorMap* weights, const std::vector<SampleRef>& samples,
                                   const std::function<bool()>& stop_requested, const Predicted& predicted) const {
  if (samples.empty()) return {};
  const double start = clock_();
  learner.release_graph();
  std::optional<TemporaryWeights> temporary;
  if (weights) temporary.emplace(learner.network(), *weights);
  Segmenter segmenter(learner.shared_network(), preprocessing_, execution_);
  MetricSet metrics(metrics_, preprocessing_.labels().num_classes());
  LogitSampler sampler(seed_, static_cast<int64_t>(samples.size()), num_outputs_);
  const auto counts = evaluate(
      segmenter, preprocessing_, samples,
      [&](size_t i, const Sample& sample, const cv::Mat& prediction) {
        predicted(samples[i], sample, prediction);
        return !stop_requested();
      },
      [&](size_t i, const Sample& sample, const cv::Mat& prediction, const torch::Tensor& logits) {
        metrics.add(sample.mask, prediction, logits);
        if (fits_temperature_) sampler.add(i, sample.mask, logits);
      });
  if (!counts) return {/*stopped=*/true, {}};
  Result result;
  result.scores = compute_scores(*counts, class_names_);
  result.scores->metrics = metrics.scores();
  if (fits_temperature_) result.calibration = calibrate(sampler.sample());
  result.seconds = clock_() - start;
  return result;
}

/// Estimates the BatchNorm statistics of a plain mean of weights, with which no batch was computed yet. Returns false
/// if a stop was requested first.
bool Validator::estimate_statistics(Learner& learner, const TrainingProgress& progress,
                                    const std::function<bool()>& stop_requested) const {
  const TemporaryWeights averaged(learner.network(), learner.averaged()->weights());
  learner.freeze_for(progress.epoch);
  Loader loader = batches_.load(progress.epoch);
  torch::manual_seed(Rng::from(seed_, "norm statistics", progress.step).bits());
  bool stopped = false;
  estimate_norm_statistics(learner.network(), execution_, [&]() -> std::optional<torch::Tensor> {
    stopped = stopped || stop_requested();
    auto batch = stopped ? std::nullopt : loader.next();
    return batch ? std::optional(batch->images) : std::nullopt;
  });
  if (!stopped) learner.averaged()->load(weights_of(learner.network()));
  return !stopped;
}

double Validator::seconds_per_image(Learner& learner) const {
  if (data_.val.empty()) return 0;
  learner.release_graph();
  Segmenter segmenter(learner.shared_network(), preprocessing_, execution_);
  const auto measure = [&](const std::vector<SampleRef>& samples) {
    const double start = clock_();
    for (const SampleRef& sample : samples) Segmenter::classes(segmenter.logits(preprocessing_.load(sample).image));
    return (clock_() - start) / static_cast<double>(samples.size());
  };
  const double first = measure({data_.val.front()});  // LibTorch prepares its kernels
  constexpr int64_t kImages = 2;
  return data_.val.size() <= kImages ? first : measure(spread_over_names(data_.val, kImages));
}

}  // namespace unet
