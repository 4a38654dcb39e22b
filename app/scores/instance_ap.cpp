#include "app/scores/instance_ap.h"

#include <array>

#include "app/scores/instances.h"

namespace unet {
namespace {

constexpr std::array<int64_t, 10> kThresholds{50, 55, 60, 65, 70, 75, 80, 85, 90, 95};  // percent

struct InstanceCounts {
  int64_t truths = 0, predictions = 0;
  std::array<int64_t, kThresholds.size()> hits{};  // by threshold

  double precision(size_t threshold) const {
    return static_cast<double>(hits[threshold]) / static_cast<double>(truths + predictions - hits[threshold]);
  }
};

class InstanceAp : public Metric {
 public:
  explicit InstanceAp(int64_t num_classes) : counts_(static_cast<size_t>(num_classes)) {}

  void add(const PredictedImage& image) override {
    for (size_t c = 0; c < counts_.size(); ++c) {
      const InstanceMatches matches = match_instances(image.truth, image.prediction, static_cast<int64_t>(c));
      counts_[c].truths += matches.truths;
      counts_[c].predictions += matches.predictions;
      for (const InstancePair& pair : matches.pairs)
        for (size_t i = 0; i < kThresholds.size(); ++i)
          if (100 * pair.intersected > kThresholds[i] * pair.united) ++counts_[c].hits[i];
    }
  }

  MetricResult result() const override {
    MetricValues mean(counts_.size()), at_half(counts_.size());
    for (size_t c = 0; c < counts_.size(); ++c) {
      if (counts_[c].truths == 0) continue;
      double sum = 0;
      for (size_t i = 0; i < kThresholds.size(); ++i) sum += counts_[c].precision(i);
      mean[c] = sum / static_cast<double>(kThresholds.size());
      at_half[c] = counts_[c].precision(0);
    }
    return {{mean, at_half}};
  }

 private:
  std::vector<InstanceCounts> counts_;  // by class
};

}  // namespace

std::unique_ptr<Metric> make_instance_ap(int64_t num_classes) { return std::make_unique<InstanceAp>(num_classes); }

}  // namespace unet
