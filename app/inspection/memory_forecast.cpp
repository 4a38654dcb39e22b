#include "app/inspection/memory_forecast.h"

#include <torch/torch.h>

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

  int64_t pixels() const { return height * width; }
};

using Rehearsal = std::function<AllocationLog(Size)>;

/// The most bytes at once on `pixels` pixels. LibTorch takes other ways on very few pixels, so the rehearsals grow
/// until two of them are alike; where none are, their peaks are taken to grow linearly.
int64_t peak_at(int64_t pixels, const UNetOptions& model, const Rehearsal& rehearse) {
  constexpr int64_t kLeastSide = 64, kMostDoublings = 3;
  int64_t side = unet_minimum_size(model);
  while (side < kLeastSide) side *= 2;
  for (int64_t doublings = 0;; ++doublings, side *= 2) {
    const Size small{side, side}, large{side + side / 2, side + side / 2};
    const AllocationLog small_log = rehearse(small), large_log = rehearse(large);
    if (are_alike(small_log, large_log))
      return peak_of(extrapolate(small_log, small.pixels(), large_log, large.pixels(), pixels));
    if (doublings == kMostDoublings) {
      const AllocationLog small_peak{{{0, true}}, {peak_of(small_log)}}, large_peak{{{0, true}}, {peak_of(large_log)}};
      return peak_of(extrapolate(small_peak, small.pixels(), large_peak, large.pixels(), pixels));
    }
  }
}

int64_t padded(int64_t size, const UNetOptions& model) {
  return op::padded_size(size, {unet_minimum_size(model) / 2, unet_minimum_size(model)});
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

/// Two steps, so that the second one meets what the first one left. `checkpoint` becomes the size of its file, in
/// bytes.
AllocationLog rehearse_training(const Config& config, const Execution& execution, int64_t batch, Size size,
                                int64_t& checkpoint) {
  const int64_t classes = std::max<int64_t>(2, *config.model.num_classes);
  const std::vector<double> share(static_cast<size_t>(classes), 1.0 / static_cast<double>(classes));
  return log_allocations([&] {
    Learner learner(config, share, *config.data.channels, execution);
    for (int step = 0; step < 2; ++step) {
      learner.freeze_for(config.train.freeze_epochs);  // as little as ever: what stays frozen takes less memory
      learner.begin_step();
      const auto images = torch::zeros({batch, *config.data.channels, size.height, size.width});
      const auto labels = torch::zeros({batch, size.height, size.width}, torch::kLong);
      learner.add_gradients(images, labels, 1);
      learner.clip_gradients();
      learner.update(config.train.lr, /*average_decay=*/0.5);
    }
    checkpoint = checkpoint_bytes(learner);
  });
}

/// One image whose network size is `size`; it is `ratio` times larger itself.
AllocationLog rehearse_prediction(const Config& config, const Execution& execution, Size size, double ratio) {
  DataOptions data = config.data;
  data.size = {size.height, size.width};
  const Preprocessing preprocessing(data);
  const cv::Size image_size(static_cast<int>(std::lround(ratio * static_cast<double>(size.width))),
                            static_cast<int>(std::lround(ratio * static_cast<double>(size.height))));
  const cv::Mat image = cv::Mat::zeros(image_size, CV_8UC(static_cast<int>(*config.data.channels)));
  return log_allocations([&] {
    Network network(describe_unet(config.model, *config.data.channels));
    place(*network, execution);
    Segmenter::classes(Segmenter(network, preprocessing, execution).logits(image));
  });
}

int64_t training_bytes(const Config& config, const MemoryQuestion& question, const Execution& execution,
                       int64_t& checkpoint) {
  const int64_t batch = question.batch_size, rehearsed_batch = std::min<int64_t>(batch, 2);
  const int64_t pixels = padded(question.training_height, config.model) * padded(question.training_width, config.model);
  const int64_t network = peak_at(batch * pixels / rehearsed_batch, config.model, [&](Size size) {
    return rehearse_training(config, execution, rehearsed_batch, size, checkpoint);
  });
  const int64_t bytes_per_pixel =
      *config.data.channels * static_cast<int64_t>(sizeof(float)) + static_cast<int64_t>(sizeof(int64_t));
  const int64_t waiting = config.data.num_workers == 0 ? 0 : config.data.prefetch + config.data.num_workers;
  return network + waiting * bytes_per_pixel * batch * question.training_height * question.training_width;
}

int64_t prediction_bytes(const Config& config, const MemoryQuestion& question, const Execution& execution) {
  const bool is_resized = config.data.size_policy == "resize";
  const int64_t height = is_resized ? config.data.size.at(0) : question.image_height;
  const int64_t width = is_resized ? config.data.size.at(1) : question.image_width;
  const int64_t image_pixels = question.image_height * question.image_width;
  const double ratio = std::sqrt(static_cast<double>(image_pixels) / static_cast<double>(height * width));
  const int64_t network = peak_at(padded(height, config.model) * padded(width, config.model), config.model,
                                  [&](Size size) { return rehearse_prediction(config, execution, size, ratio); });
  const int64_t image_bytes = image_pixels * *config.data.channels * 5;  // as decoded, and as float
  return network + image_bytes;
}

}  // namespace

MemoryForecast forecast_memory(const Config& config, const MemoryQuestion& question, const Execution& execution,
                               int64_t program_bytes) {
  MemoryForecast forecast;
  forecast.program = program_bytes;
  int64_t checkpoint = 0;
  const int64_t step = training_bytes(config, question, execution, checkpoint);
  const int64_t prediction = prediction_bytes(config, question, execution);
  constexpr double kWithHoles = 1.1;      // of what is allocated; 1.05 to 1.14 were measured
  constexpr int64_t kCopiesWhenRead = 3;  // the file, its tensors, and the bytes that it is compared with
  const auto held = [&](int64_t bytes) {
    return forecast.program + static_cast<int64_t>(kWithHoles * static_cast<double>(bytes));
  };
  forecast.training_step = held(step);
  forecast.prediction = held(std::max(prediction, kCopiesWhenRead * checkpoint));
  return forecast;
}

}  // namespace unet
