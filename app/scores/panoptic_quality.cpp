#include "app/scores/panoptic_quality.h"

#include "app/scores/instances.h"

namespace unet {
namespace {

struct PanopticCounts {
  int64_t truths = 0, predictions = 0, pairs = 0;
  double iou_sum = 0;  // over the pairs
};

class PanopticQuality : public Metric {
 public:
  explicit PanopticQuality(int64_t num_classes) : counts_(static_cast<size_t>(num_classes)) {}

  void add(const PredictedImage& image) override {
    for (size_t c = 0; c < counts_.size(); ++c) {
      const InstanceMatches matches = match_instances(image.truth, image.prediction, static_cast<int64_t>(c));
      counts_[c].truths += matches.truths;
      counts_[c].predictions += matches.predictions;
      counts_[c].pairs += static_cast<int64_t>(matches.pairs.size());
      for (const InstancePair& pair : matches.pairs)
        counts_[c].iou_sum += static_cast<double>(pair.intersected) / static_cast<double>(pair.united);
    }
  }

  MetricResult result() const override {
    MetricValues panoptic(counts_.size()), segmentation(counts_.size()), recognition(counts_.size());
    for (size_t c = 0; c < counts_.size(); ++c) {
      const PanopticCounts& counts = counts_[c];
      if (counts.truths == 0) continue;
      const double instances = 0.5 * static_cast<double>(counts.truths + counts.predictions);  // TP + FP/2 + FN/2
      panoptic[c] = counts.iou_sum / instances;
      recognition[c] = static_cast<double>(counts.pairs) / instances;
      if (counts.pairs > 0) segmentation[c] = counts.iou_sum / static_cast<double>(counts.pairs);
    }
    return {{panoptic, segmentation, recognition}};
  }

 private:
  std::vector<PanopticCounts> counts_;  // by class
};

}  // namespace

std::unique_ptr<Metric> make_panoptic_quality(int64_t num_classes) {
  return std::make_unique<PanopticQuality>(num_classes);
}

}  // namespace unet
