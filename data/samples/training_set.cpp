#include "data/samples/training_set.h"

#include <torch/types.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include "configs/schema/error.h"

namespace unet {

/// Decoded samples by pair, kept from the first load on until the memory for them is full. Which ones
/// are kept depends on the threads' timing; what `get` returns does not.
class TrainingSet::Cache {
 public:
  Cache(size_t pairs, int64_t mebibytes) : samples_(pairs), bytes_left_(mebibytes << 20) {}

  /// The sample of `pair`, from `load` where it is not kept. Callers must not write to its pixels.
  template <class Load>
  Sample get(size_t pair, const Load& load) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!samples_[pair].image.empty()) return samples_[pair];
    }
    Sample sample = load();
    keep(pair, sample);
    return sample;
  }

 private:
  void keep(size_t pair, const Sample& sample) {
    const auto bytes = static_cast<int64_t>(sample.image.total() * sample.image.elemSize() + sample.mask.total());
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bytes > bytes_left_ || !samples_[pair].image.empty()) return;
    bytes_left_ -= bytes;
    samples_[pair] = sample;
  }

  std::mutex mutex_;
  std::vector<Sample> samples_;
  int64_t bytes_left_;
};

namespace {

cv::Size output_size(const DataOptions& data) {
  if (data.size.size() != 2)
    fail(ErrorKind::config, "[data.size] a training set needs the size of its samples: got ", data.size.size(),
         " numbers, expected [height, width]. Resolve the options first.");
  return {static_cast<int>(data.size[1]), static_cast<int>(data.size[0])};
}

void write_labels(const cv::Mat& mask, int64_t* labels) {
  for (int y = 0; y < mask.rows; ++y) labels = std::copy_n(mask.ptr<uchar>(y), mask.cols, labels);
}

}  // namespace

TrainingSet::TrainingSet(std::vector<Pair> pairs, const DataOptions& data, const AugmentOptions& augment, uint64_t seed)
    : pairs_(std::move(pairs)),
      augment_(augment),
      preprocessing_(data),
      seed_(seed),
      samples_per_image_(data.samples_per_image),
      output_(output_size(data)),
      resize_(data.size_policy == SizePolicy::resize),
      cache_(std::make_unique<Cache>(pairs_.size(), data.cache_mb)) {
  if (pairs_.empty())
    fail(ErrorKind::data, "[training_set] nothing to train on: got no pair of image and mask, expected at least one. ",
         "See data.dir and data.split.");
}

TrainingSet::~TrainingSet() = default;

int64_t TrainingSet::size() const { return static_cast<int64_t>(pairs_.size()) * samples_per_image_; }

std::vector<int64_t> TrainingSet::order(int64_t epoch) const {
  std::vector<int64_t> order(static_cast<size_t>(size()));
  std::iota(order.begin(), order.end(), 0);
  Rng rng = Rng::from(seed_, "shuffle", epoch);
  // Fisher-Yates.
  for (size_t last = order.size(); last-- > 1;)
    std::swap(order[last], order[static_cast<size_t>(rng.below(static_cast<int64_t>(last) + 1))]);
  return order;
}

Sample TrainingSet::load(const Pair& pair) const {
  const Sample sample = preprocessing_.load(pair);
  return resize_ && sample.image.size() != output_ ? resized(sample, output_) : sample;
}

Sample TrainingSet::augmented(size_t pair, int64_t epoch, int64_t position) const {
  try {
    const Sample sample = cache_->get(pair, [&] { return load(pairs_[pair]); });
    return augment(augment_, sample, output_, seed_, epoch, position);
  } catch (const cv::Exception& error) {
    fail(ErrorKind::data, "[training_set] ", pairs_[pair].image,
         ": OpenCV could not make a sample of it: ", error.what(),
         " Look at the image, and at the options under augment.");
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
    const auto pair = static_cast<size_t>(chosen / samples_per_image_);
    const Sample sample = augmented(pair, epoch, position);
    preprocessing_.normalise_into(sample.image, images);
    write_labels(sample.mask, labels);
    batch.names.push_back(pairs_[pair].image);
    images += channels * height * width;
    labels += height * width;
  }
  return batch;
}

}  // namespace unet
