#include "data/samples/training_set.h"

#include <torch/types.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include "configs/schema/error.h"

namespace unet {

/// Decoded samples by index, cached at their first load while they fit into memory. Which ones are cached depends on
/// the timing of threads; what `get` returns does not.
class TrainingSet::Cache {
 public:
  Cache(size_t count, int64_t mebibytes) : samples_(count), bytes_left_(mebibytes << 20) {}

  /// Returns the sample at `index`, calling `load` if it is not cached. Callers must not write to its pixels.
  template <class Load>
  Sample get(size_t index, const Load& load) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!samples_[index].image.empty()) return samples_[index];
    }
    Sample sample = load();
    keep(index, sample);
    return sample;
  }

 private:
  void keep(size_t index, const Sample& sample) {
    const auto bytes = static_cast<int64_t>(sample.image.total() * sample.image.elemSize() + sample.mask.total());
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bytes > bytes_left_ || !samples_[index].image.empty()) return;
    bytes_left_ -= bytes;
    samples_[index] = sample;
  }

  std::mutex mutex_;
  std::vector<Sample> samples_;
  int64_t bytes_left_;
};

/// The samples other than the one at `index`.
class TrainingSet::Others : public OtherSamples {
 public:
  Others(const TrainingSet& set, size_t index) : set_(set), index_(index) {}

  Sample draw(Rng& rng) const override {
    const auto others = static_cast<int64_t>(set_.samples_.size()) - 1;
    auto chosen = static_cast<size_t>(rng.below(std::max<int64_t>(1, others)));
    if (others > 0 && chosen >= index_) ++chosen;  // a single image is its own other sample, with another crop
    return augment_geometry(set_.augment_, set_.decoded(chosen), set_.output_, rng.bits(), 0, 0);
  }

 private:
  const TrainingSet& set_;
  size_t index_;
};

namespace {

cv::Size output_size(const DataOptions& data) {
  if (data.size.size() != 2)
    fail(ErrorKind::config, "[data.size] got ", data.size.size(),
         " numbers, expected [height, width] of a training sample");
  return {static_cast<int>(data.size[1]), static_cast<int>(data.size[0])};
}

void write_labels(const cv::Mat& mask, int64_t* labels) {
  for (int y = 0; y < mask.rows; ++y) labels = std::copy_n(mask.ptr<uchar>(y), mask.cols, labels);
}

}  // namespace

TrainingSet::TrainingSet(std::vector<SampleRef> samples, const DataOptions& data, const AugmentOptions& augment,
                         uint64_t seed)
    : samples_(std::move(samples)),
      augment_(augment),
      data_(data),
      scale_(intensity_scale(data, augment.intensity_unit)),
      preprocessing_(data),
      seed_(seed),
      samples_per_image_(data.samples_per_image),
      output_(output_size(data)),
      resize_(data.size_policy == SizePolicy::resize),
      cache_(std::make_unique<Cache>(samples_.size(), data.cache_mb)) {
  if (samples_.empty())
    fail(ErrorKind::data, "nothing to train on: got no image with a mask, expected at least one. ",
         "Check data.dir and data.split.");
}

TrainingSet::~TrainingSet() = default;

int64_t TrainingSet::size() const { return static_cast<int64_t>(samples_.size()) * samples_per_image_; }

std::vector<int64_t> TrainingSet::order(int64_t epoch) const {
  std::vector<int64_t> order(static_cast<size_t>(size()));
  std::iota(order.begin(), order.end(), 0);
  Rng rng = Rng::from(seed_, "shuffle", epoch);
  // Fisher-Yates.
  for (size_t last = order.size(); last-- > 1;)
    std::swap(order[last], order[static_cast<size_t>(rng.below(static_cast<int64_t>(last) + 1))]);
  return order;
}

Sample TrainingSet::decoded(size_t index) const {
  return cache_->get(index, [&] { return load(samples_[index]); });
}

Sample TrainingSet::load(const SampleRef& ref) const {
  const Sample sample = preprocessing_.load(ref);
  return resize_ && sample.image.size() != output_ ? resized(sample, output_) : sample;
}

Sample TrainingSet::augmented(size_t index, int64_t epoch, int64_t position) const {
  try {
    const Sample stored = decoded(index);
    const IntensityScale own = stored.statistics.empty()
                                   ? IntensityScale()
                                   : intensity_scale(data_, augment_.intensity_unit, stored.statistics);
    Sample result = augment(augment_, stored, output_, seed_, epoch, position, Others(*this, index),
                            stored.statistics.empty() ? scale_ : own);
    result.statistics = stored.statistics;
    return result;
  } catch (const cv::Exception& error) {
    fail(ErrorKind::data, samples_[index].text(), ": OpenCV could not make a training sample: ", error.what(),
         " Check the image, and the options under augment.");
  }
}

Batch TrainingSet::batch(int64_t epoch, const std::vector<int64_t>& order,
                         const std::vector<int64_t>& positions) const {
  const auto count = static_cast<int64_t>(positions.size());
  const int64_t channels = preprocessing_.channels(), height = output_.height, width = output_.width;
  Batch batch;
  batch.images = torch::empty({count, channels, height, width}, torch::kFloat32);
  batch.labels = torch::empty({count, height, width}, torch::kInt64);
  auto* images = batch.images.data_ptr<float>();
  auto* labels = batch.labels.data_ptr<int64_t>();
  for (const int64_t position : positions) {
    const int64_t chosen = order[static_cast<size_t>(position) % order.size()];
    const auto index = static_cast<size_t>(chosen / samples_per_image_);
    const Sample sample = augmented(index, epoch, position);
    preprocessing_.normalize_into(sample.image, images, sample.statistics);
    write_labels(sample.mask, labels);
    batch.names.push_back(samples_[index].text());
    images += channels * height * width;
    labels += height * width;
  }
  return batch;
}

}  // namespace unet
