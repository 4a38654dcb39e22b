#include "app/inspection/memory_forecast.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "app/inference/segmenter.h"
#include "app/inspection/allocation_log.h"
#include "app/training/learner.h"

namespace unet {
namespace {

/// Height and width of a rehearsal, in pixels.
struct Size {
  int64_t height = 0, width = 0;
};

using Rehearsal = std::function<AllocationLog(Size)>;

/// Number of pixels of an image after the padding of the network.
int64_t padded_pixels(int64_t height, int64_t width, const UNetOptions& model) {
  const op::Pad pad = unet_padding(model);
  return op::padded_size(height, pad, 0) * op::padded_size(width, pad, 1);
}

int64_t bytes_of(const TensorMap& tensors) {
  int64_t sum = 0;
  for (const auto& [name, tensor] : tensors) sum += static_cast<int64_t>(tensor.nbytes());
  return sum;
}

int64_t checkpoint_bytes(Learner& learner) {
  return bytes_of(weights_of(learner.network())) + (learner.averaged() ? bytes_of(learner.averaged()->weights()) : 0) +
         bytes_of(learner.optimizer().state());
}

/// Logs two training steps, since the optimizer's state exists from the start of the second one only. Sets `checkpoint`
/// to the size of the checkpoint in bytes.
AllocationLog rehearse_training(const Config& config, const Execution& execution, int64_t batch, Size size,
                                int64_t& checkpoint) {
  const int64_t classes = std::max<int64_t>(2, *config.model.num_classes);
  const std::vector<double> share(static_cast<size_t>(classes), 1.0 / static_cast<double>(classes));
  return log_allocations([&] {
    Learner learner(config, share, *config.data.channels, execution);
    for (int step = 0; step < 2; ++step) {
      learner.freeze_for(config.train.freeze_epochs);  // the epoch with the fewest frozen parts needs the most memory
      const StepBatches batches({torch::zeros({batch, *config.data.channels, size.height, size.width}),
                                 torch::zeros({batch, size.height, size.width}, torch::kLong),
                                 {}});
      StepArgs args;
      args.lr = config.train.lr;
      args.average_decay = 0.5;
      learner.step(batches, args);
    }
    checkpoint = checkpoint_bytes(learner);
  });
}

/// Logs the prediction of one image that the network sees at `size`; the image is `ratio` times larger.
AllocationLog rehearse_prediction(const Config& config, const Execution& execution, Size size, double ratio) {
  DataOptions data = config.data;
  data.size = {size.height, size.width};
  const Preprocessing preprocessing(data);
  const cv::Size image_size(static_cast<int>(std::lround(ratio * static_cast<double>(size.width))),
                            static_cast<int>(std::lround(ratio * static_cast<double>(size.height))));
  const cv::Mat image = cv::Mat::zeros(image_size, CV_8UC(static_cast<int>(*config.data.channels)));
  return log_allocations([&] {
    Network network(describe_unet(config.model, *config.data.channels));
    move_to_device(*network, execution);
    Segmenter::classes(Segmenter(network, preprocessing, execution).logits(image));
  });
}

}  // namespace

/// Forecasts the peak from two rehearsals. LibTorch uses other algorithms for very small images, so the size of the
/// rehearsals is doubled until both have the same events. If they never have, the peak is assumed to be linear in the
/// number of pixels.
class PeakForecast {
 public:
  PeakForecast(const UNetOptions& model, const Rehearsal& rehearse) {
    constexpr int64_t kMinSide = 64, kMaxDoublings = 3;
    const auto pixels_of = [&](Size size) { return padded_pixels(size.height, size.width, model); };
    int64_t side = unet_minimum_size(model);
    while (side < kMinSide) side *= 2;
    for (int64_t doublings = 0; doublings <= kMaxDoublings; ++doublings, side *= 2) {
      const Size small{side, side}, large{side + side / 2, side + side / 2};
      small_ = pixels_of(small);
      large_ = pixels_of(large);
      small_log_ = rehearse(small);
      large_log_ = rehearse(large);
      if (have_same_events(small_log_, large_log_)) return;
    }
    small_log_ = {{{0, true}}, {peak_of(small_log_)}};
    large_log_ = {{{0, true}}, {peak_of(large_log_)}};
  }

  /// Returns the peak of the allocated bytes for this number of pixels.
  int64_t bytes(int64_t pixels) const { return peak_of(extrapolate(small_log_, small_, large_log_, large_, pixels)); }

 private:
  int64_t small_ = 0, large_ = 0;  ///< pixels of the rehearsals
  AllocationLog small_log_, large_log_;
};

namespace {

/// Resident bytes for these allocated bytes. Fragmentation adds 5 to 14%, as measured.
int64_t add_fragmentation(int64_t bytes) { return static_cast<int64_t>(1.1 * static_cast<double>(bytes)); }

int64_t prediction_bytes(const Config& config, const WorkSizes& sizes, const Execution& execution) {
  const bool is_resized = config.data.size_policy == SizePolicy::resize;
  const int64_t height = is_resized ? config.data.size.at(0) : sizes.image_height;
  const int64_t width = is_resized ? config.data.size.at(1) : sizes.image_width;
  const int64_t image_pixels = sizes.image_height * sizes.image_width;
  const double ratio = std::sqrt(static_cast<double>(image_pixels) / static_cast<double>(height * width));
  const PeakForecast peak(config.model, [&](Size size) { return rehearse_prediction(config, execution, size, ratio); });
  const int64_t network = peak.bytes(padded_pixels(height, width, config.model));
  const int64_t image_bytes = image_pixels * *config.data.channels * 5;  // 8 bits as decoded, and float
  return network + image_bytes;
}

}  // namespace

StepForecast::StepForecast(const Config& config, const WorkSizes& sizes, const Execution& execution,
                           int64_t program_bytes)
    : pixels_(padded_pixels(sizes.training_height, sizes.training_width, config.model)),
      rehearsed_batch_(std::min<int64_t>(sizes.batch_size, 2)),
      program_bytes_(program_bytes) {
  peak_ = std::make_unique<PeakForecast>(config.model, [&](Size size) {
    return rehearse_training(config, execution, rehearsed_batch_, size, checkpoint_);
  });
  const int64_t bytes_per_pixel =
      *config.data.channels * static_cast<int64_t>(sizeof(float)) + static_cast<int64_t>(sizeof(int64_t));
  const int64_t prefetched = config.data.num_workers == 0 ? 0 : config.data.prefetch + config.data.num_workers;
  // All micro-batches of a step are in memory from its start.
  const int64_t batches = prefetched + config.train.accumulate - 1;
  prefetched_bytes_per_sample_ = batches * bytes_per_pixel * sizes.training_height * sizes.training_width;
}

StepForecast::~StepForecast() = default;

int64_t StepForecast::bytes(int64_t batch_size) const {
  return program_bytes_ + add_fragmentation(peak_->bytes(batch_size * pixels_ / rehearsed_batch_) +
                                            batch_size * prefetched_bytes_per_sample_);
}

MemoryForecast forecast_memory(const Config& config, const WorkSizes& sizes, const Execution& execution,
                               int64_t program_bytes) {
  MemoryForecast forecast;
  forecast.program = program_bytes;
  const StepForecast step(config, sizes, execution, program_bytes);
  forecast.training_step = step.bytes(sizes.batch_size);
  constexpr int64_t kCopiesWhenRead = 3;  // the file, its tensors, and the bytes that verify it
  const int64_t prediction = prediction_bytes(config, sizes, execution);
  forecast.prediction =
      program_bytes + add_fragmentation(std::max(prediction, kCopiesWhenRead * step.checkpoint_bytes()));
  return forecast;
}

}  // namespace unet
