#include "data/samples/training_set.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "configs/schema/error.h"
#include "data/dataset/sample_regions.h"
#include "data/samples/boundary_map.h"
#include "data/samples/many_channels.h"

namespace unet {

/// Decoded samples by index, cached at their first load while they fit into memory. Which ones are cached depends on
/// the timing of threads; what a training gets does not. Callers must not write to the pixels.
class TrainingSet::Cache {
 public:
  Cache(size_t count, int64_t mebibytes) : samples_(count), bytes_left_(mebibytes << 20) {}

  std::optional<Sample> find(size_t index) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return samples_[index].image.empty() ? std::nullopt : std::optional(samples_[index]);
  }

  void keep(size_t index, const Sample& sample) {
    const auto bytes = static_cast<int64_t>(sample.image.total() * sample.image.elemSize() + sample.mask.total());
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bytes > bytes_left_ || !samples_[index].image.empty()) return;
    bytes_left_ -= bytes;
    samples_[index] = sample;
  }

  int64_t bytes_left() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bytes_left_;
  }

 private:
  std::mutex mutex_;
  std::vector<Sample> samples_;
  int64_t bytes_left_;
};

/// The samples other than the one at `index`.
class TrainingSet::Others : public OtherSamples {
 public:
  /// `statistics` of the sample itself, if it is normalized by them.
  Others(const TrainingSet& set, size_t index, const std::vector<ChannelStatistics>& statistics)
      : set_(set), index_(index), statistics_(statistics) {}

  Sample draw(Rng& rng) const override {
    const auto others = static_cast<int64_t>(set_.samples_.size()) - 1;
    auto chosen = static_cast<size_t>(rng.below(std::max<int64_t>(1, others)));
    if (others > 0 && chosen >= index_) ++chosen;  // a single image is its own other sample, with another crop
    const std::unique_ptr<SampleSource> source = set_.source(chosen);
    Sample other = augment_geometry(set_.augment_, *source, set_.output_, rng.bits(), 0, 0);
    if (!statistics_.empty()) match_statistics(other.image, source->statistics());
    return other;
  }

 private:
  /// Gives an image the statistics by which it will be normalized together with pixels of this sample.
  void match_statistics(cv::Mat& image, const std::vector<ChannelStatistics>& own) const {
    std::vector<double> factors, offsets;
    for (size_t c = 0; c < own.size(); ++c) {
      factors.push_back(statistics_[c].deviation / own[c].deviation);
      offsets.push_back(statistics_[c].mean - own[c].mean * factors[c]);
    }
    scale_channels(image, factors);
    add_to_channels(image, offsets);
  }

  const TrainingSet& set_;
  size_t index_;
  const std::vector<ChannelStatistics>& statistics_;
};

namespace {

/// Puts values in random order (Fisher-Yates).
void shuffle_values(std::vector<int64_t>& values, Rng rng) {
  for (size_t last = values.size(); last-- > 1;)
    std::swap(values[last], values[static_cast<size_t>(rng.below(static_cast<int64_t>(last) + 1))]);
}

/// A sample whose files are read by region.
class StoredRegions : public SampleSource {
 public:
  StoredRegions(const Preprocessing& preprocessing, const SampleRef& ref, std::unique_ptr<SampleRegions> files)
      : preprocessing_(preprocessing), ref_(ref), files_(std::move(files)) {}
  cv::Size size() const override { return files_->size(); }
  Sample region(const cv::Rect& part) const override { return preprocessing_.to_sample(files_->read(part), ref_); }

 private:
  const Preprocessing& preprocessing_;
  const SampleRef& ref_;
  std::unique_ptr<SampleRegions> files_;
};

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
                         uint64_t seed, Notify notify, std::optional<BoundaryWeights> boundary)
    : samples_(std::move(samples)),
      augment_(augment),
      data_(data),
      scale_(intensity_scale(data, augment.intensity_unit)),
      preprocessing_(data),
      seed_(seed),
      samples_per_image_(data.samples_per_image),
      output_(output_size(data)),
      resize_(data.size_policy == SizePolicy::resize),
      cache_(std::make_unique<Cache>(samples_.size(), data.cache_mb)),
      disk_cache_(data.cache_dir.empty() ? nullptr
                                         : std::make_unique<DiskCache>(data.cache_dir, data, std::move(notify))),
      forced_(data, seed, samples_.size()),
      boundary_(boundary) {
  if (samples_.empty())
    fail(ErrorKind::data, "nothing to train on: got no image with a mask, expected at least one. ",
         "Check data.dir and data.split.");
}

TrainingSet::~TrainingSet() = default;

int64_t TrainingSet::size() const { return static_cast<int64_t>(samples_.size()) * samples_per_image_; }

std::vector<int64_t> TrainingSet::order(int64_t epoch) const {
  const bool is_weighted =
      std::any_of(samples_.begin(), samples_.end(), [](const SampleRef& sample) { return sample.weight.has_value(); });
  std::vector<int64_t> order;
  if (is_weighted) {
    order = drawn_by_weight(epoch);
  } else {
    order.resize(static_cast<size_t>(size()));
    std::iota(order.begin(), order.end(), 0);
  }
  shuffle_values(order, Rng::from(seed_, "shuffle", epoch));
  return order;
}

/// Systematic sampling of images in random order: the image whose weights span [a, b) of the sum is drawn once for each
/// point of an equally spaced grid in that interval.
std::vector<int64_t> TrainingSet::drawn_by_weight(int64_t epoch) const {
  Rng rng = Rng::from(seed_, "sampling", epoch);
  const double offset = rng.uniform();
  std::vector<int64_t> images(samples_.size()), draws(samples_.size());
  std::iota(images.begin(), images.end(), 0);
  shuffle_values(images, rng);
  const auto weight = [this](int64_t image) { return samples_[static_cast<size_t>(image)].weight.value_or(1); };
  double sum = 0, reached = 0;
  for (const int64_t image : images) sum += weight(image);
  int64_t drawn = 0;
  for (const int64_t image : images) {
    reached += weight(image);
    const double points = std::floor(static_cast<double>(size()) * (reached / sum) + offset);
    const int64_t end = std::min(static_cast<int64_t>(points), size());
    draws[static_cast<size_t>(image)] = end - drawn;
    drawn = end;
  }
  std::vector<int64_t> order;
  for (size_t image = 0; image < draws.size(); ++image)
    for (int64_t k = 0; k < draws[image]; ++k)
      order.push_back(static_cast<int64_t>(image) * samples_per_image_ + k % samples_per_image_);
  return order;
}

std::unique_ptr<SampleSource> TrainingSet::source(size_t index) const {
  if (std::optional<Sample> cached = cache_->find(index)) return std::make_unique<DecodedSample>(std::move(*cached));
  if (auto regions = open_regions(index)) return regions;
  return std::make_unique<DecodedSample>(decoded(index));
}

/// Opens a sample that fits into no cache and is much larger than what is taken of it, or too large to be decoded.
/// Returns null for others, and where pixels cannot be read without the whole image.
std::unique_ptr<SampleSource> TrainingSet::open_regions(size_t index) const {
  constexpr int64_t kMinCrops = 4;                     // in a sample; below, decoding all of it is not much slower
  constexpr int64_t kFewestTooLarge = 2 * kMaxPixels;  // bytes of a sample that cannot be decoded, mask included
  if (resize_ || data_.normalize == Normalize::per_image) return nullptr;
  const int64_t room = disk_cache_ ? kLargeSampleBytes : cache_->bytes_left();
  std::unique_ptr<SampleRegions> files = SampleRegions::open(samples_[index], std::min(room, kFewestTooLarge));
  if (!files) return nullptr;
  const bool is_small = files->bytes() <= room || files->pixels() < kMinCrops * int64_t{output_.width} * output_.height;
  // The gray of a float color can differ in its last bit with the place of the pixel in its row.
  const bool is_converted_float = files->depth() == CV_32F && files->channels() != preprocessing_.channels();
  if (can_be_whole(files->pixels(), files->bytes()) && (is_small || is_converted_float)) return nullptr;
  return std::make_unique<StoredRegions>(preprocessing_, samples_[index], std::move(files));
}

Sample TrainingSet::decoded(size_t index) const {
  const SampleRef& ref = samples_[index];
  // Taken before the files are read, so that a change meanwhile is noticed the next time.
  const std::optional<SampleIdentity> identity = disk_cache_ ? identity_of(ref) : std::nullopt;
  if (identity)
    if (std::optional<Sample> stored = disk_cache_->find(*identity)) return std::move(*stored);
  Sample sample = load(ref);
  if (identity) disk_cache_->store(*identity, sample);
  cache_->keep(index, sample);
  return sample;
}

Sample TrainingSet::load(const SampleRef& ref) const {
  const Sample sample = preprocessing_.load(ref);
  return resize_ && sample.image.size() != output_ ? resized(sample, output_) : sample;
}

Sample TrainingSet::augmented(size_t index, int64_t epoch, int64_t position) const {
  try {
    const std::unique_ptr<SampleSource> stored = source(index);
    const std::vector<ChannelStatistics> statistics = stored->statistics();
    const IntensityScale own =
        statistics.empty() ? IntensityScale() : intensity_scale(data_, augment_.intensity_unit, statistics);
    Sample result = augment(augment_, *stored, output_, seed_, epoch, position, Others(*this, index, statistics),
                            statistics.empty() ? scale_ : own, forced_.pixel(index, *stored, epoch, position));
    result.statistics = statistics;
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
  if (boundary_) batch.weights = torch::empty({count, height, width}, torch::kFloat32);
  auto* weights = boundary_ ? batch.weights.data_ptr<float>() : nullptr;
  // Defined for every batch or for none, because a recorded step depends on it.
  if (augment_.weighs_pixels()) batch.pixel_weights = torch::ones({count, height, width}, torch::kFloat32);
  for (const int64_t position : positions) {
    const int64_t chosen = order[static_cast<size_t>(position) % order.size()];
    const auto index = static_cast<size_t>(chosen / samples_per_image_);
    const Sample sample = augmented(index, epoch, position);
    preprocessing_.normalize_into(sample.image, images, sample.statistics);
    write_labels(sample.mask, labels);
    if (!sample.weight.empty())
      std::copy(sample.weight.begin<float>(), sample.weight.end<float>(),
                batch.pixel_weights[static_cast<int64_t>(batch.names.size())].data_ptr<float>());
    batch.names.push_back(samples_[index].text());
    images += channels * height * width;
    labels += height * width;
    if (!boundary_) continue;
    cv::Mat map(output_, CV_32F, weights);
    boundary_map(sample.mask, *boundary_).copyTo(map);
    if (!sample.weight.empty()) cv::multiply(map, sample.weight, map);
    weights += height * width;
  }
  return batch;
}

}  // namespace unet
