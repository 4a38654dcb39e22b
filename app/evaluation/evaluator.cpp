#include "app/evaluation/evaluator.h"

namespace unet {

std::optional<ConfusionMatrix> evaluate(Segmenter& segmenter, const Preprocessing& preprocessing,
                                        const std::vector<SampleRef>& samples, const EvaluatedSample& on_sample,
                                        const PredictedLogits& on_logits) {
  ConfusionMatrix counts(preprocessing.labels().num_classes());
  for (size_t i = 0; i < samples.size(); ++i) {
    const Sample sample = preprocessing.load(samples[i]);
    const torch::Tensor logits = segmenter.logits(sample.image);
    const cv::Mat prediction = Segmenter::classes(logits);
    counts.add(sample.mask, prediction);
    if (on_logits) on_logits(i, sample, prediction, logits);
    if (!on_sample(i, sample, prediction)) return std::nullopt;
  }
  return counts;
}

}  // namespace unet
