#include "app/evaluation/evaluator.h"

namespace unet {

std::optional<ConfusionMatrix> evaluate(Segmenter& segmenter, const Preprocessing& preprocessing,
                                        const std::vector<SampleRef>& samples, const EvaluatedSample& on_sample) {
  ConfusionMatrix counts(preprocessing.labels().num_classes());
  for (size_t i = 0; i < samples.size(); ++i) {
    const Sample sample = preprocessing.load(samples[i]);
    const cv::Mat prediction = Segmenter::classes(segmenter.logits(sample.image));
    counts.add(sample.mask, prediction);
    if (!on_sample(i, sample, prediction)) return std::nullopt;
  }
  return counts;
}

}  // namespace unet
