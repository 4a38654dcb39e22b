#include "app/planning/speed.h"

#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/bench/stopwatch.h"
#include "app/inference/segmenter.h"
#include "app/runtime/host.h"
#include "app/runtime/version.h"
#include "app/training/learner.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

/// Time that this thread computed, and waited for a processor that others used; zeros if Linux does not tell.
struct ProcessorTime {
  double used = 0, waited = 0;

  static ProcessorTime now() {
    ProcessorTime time;
    std::ifstream("/proc/thread-self/schedstat") >> time.used >> time.waited;
    return time;
  }
};

void wait_for_device(const Execution& execution) {
  if (execution.device.is_cuda()) torch::cuda::synchronize();
}

/// Median of the runs after `unmeasured` ones; at least 2, until the time is over.
template <class Work>
double median_seconds(int unmeasured, double seconds, const Work& work) {
  constexpr int kFewest = 2, kMost = 7;
  Timing timing;
  double spent = 0;
  for (int i = -unmeasured; i < kMost && (i < kFewest || spent < seconds); ++i) {
    const double took = seconds_of(work);
    spent += took;
    if (i >= 0) timing.seconds.push_back(took);
  }
  return timing.median();
}

double measure_step(Learner& learner, const Config& config, const Execution& execution, double seconds) {
  const int64_t n = config.train.batch_size, height = config.data.size[0], width = config.data.size[1];
  const int64_t classes = std::max<int64_t>(2, *config.model.num_classes);
  const StepBatches batches({torch::randn({n, *config.data.channels, height, width}),
                             torch::randint(0, classes, {n, height, width}, torch::kLong),
                             {}});
  StepArgs args;
  args.lr = 1e-6;
  args.average_decay = 0.9;
  learner.freeze_for(config.train.freeze_epochs);
  const int unmeasured = execution.device.is_cuda() ? 6 : 2;  // LibTorch chooses kernels; on CUDA a graph is recorded
  return median_seconds(unmeasured, seconds, [&] {
    learner.step(batches, args);
    wait_for_device(execution);
  });
}

double measure_prediction(Learner& learner, const Config& config, const Execution& execution, double seconds) {
  learner.release_graph();
  DataOptions data = config.data;
  data.size_policy = SizePolicy::crop;
  const Preprocessing preprocessing(data);
  Segmenter segmenter(learner.shared_network(), preprocessing, execution);
  const cv::Mat image = cv::Mat::zeros(static_cast<int>(data.size[0]), static_cast<int>(data.size[1]),
                                       CV_8UC(static_cast<int>(*data.channels)));
  return median_seconds(1, seconds, [&] {
    Segmenter::classes(segmenter.logits(image));
    wait_for_device(execution);
  });
}

}  // namespace

std::string speed_key(const Config& config, const Execution& execution) {
  const auto host = host_facts();
  const std::string options = to_yaml(config.model, Comments::none) + to_yaml(config.loss, Comments::none) +
                              config.train.optimizer.name() + (config.train.averages_weights() ? " averaged" : "");
  return concat(host["processor"].get<std::string>(), " | ", version_text(), " | ", at::get_num_threads(),
                " threads | ", execution.text(), " | width ", config.model.base_channels, ", options ", std::hex,
                XXH3_64bits(options.data(), options.size()), std::dec, " | ", *config.data.channels, " channels, ",
                config.train.batch_size, "x", config.data.size[0], "x", config.data.size[1]);
}

NetworkSpeed measure_speed(const Config& config, const Execution& execution, double seconds) {
  const int64_t classes = std::max<int64_t>(2, *config.model.num_classes);
  const std::vector<double> share(static_cast<size_t>(classes), 1.0 / static_cast<double>(classes));
  Learner learner(config, share, *config.data.channels, execution);
  const double sample = static_cast<double>(config.data.size[0] * config.data.size[1]) / 1e6;
  const ProcessorTime before = ProcessorTime::now();
  NetworkSpeed speed;
  speed.width = config.model.base_channels;
  speed.train =
      measure_step(learner, config, execution, 0.7 * seconds) / (sample * static_cast<double>(config.train.batch_size));
  speed.predict = measure_prediction(learner, config, execution, 0.2 * seconds) / sample;
  const ProcessorTime after = ProcessorTime::now();
  constexpr double kDisturbed = 0.1;  // share of the time
  speed.is_undisturbed = after.waited - before.waited <= kDisturbed * (after.used - before.used);
  return speed;
}

}  // namespace unet
