#include "app/inspection/memory_advice.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/inspection/layers.h"
#include "app/inspection/memory_forecast.h"
#include "app/runtime/allocator.h"
#include "data/files/memory_limit.h"

namespace unet {
namespace {

StepForecast forecast(const Config& config, const Execution& execution) {
  const auto& size = config.data.size;
  const WorkSizes sizes{config.train.batch_size, size.at(0), size.at(1), size.at(0), size.at(1)};
  return {config, sizes, execution, resident_bytes()};
}

std::string gib(int64_t bytes) { return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30)); }

constexpr const char* kSmaller = " data.size or model.base_channels, or add --set train.checkpoint_activations=true.";

std::string advice(const TrainOptions& train, const StepForecast& step) {
  const int64_t limit = memory_limit();
  std::string text = fmt::format("A training step with train.batch_size {} needs about {} in total; {} are available. ",
                                 train.batch_size, gib(step.bytes(train.batch_size)), gib(limit));
  int64_t batch = train.batch_size / 2;
  while (batch > 1 && step.bytes(batch) > limit) batch /= 2;
  if (batch < 1 || step.bytes(batch) > limit) return text + "Lower" + kSmaller;
  const int64_t accumulate = (train.batch_size * train.accumulate + batch - 1) / batch;
  text += fmt::format(
      "--set train.batch_size={} --set train.accumulate={} keeps the effective batch size and needs about {}", batch,
      accumulate, gib(step.bytes(batch)));
  return text +
         (train.out_of_memory == OutOfMemoryPolicy::stop ? "; --set train.out_of_memory=halve does this automatically. "
                                                         : ". ") +
         "Or lower" + kSmaller;
}

}  // namespace

std::string memory_advice(const Config& config, const Execution& execution) {
  const auto& train = config.train;
  if (execution.device.is_cpu()) return advice(train, forecast(config, execution));
  return concat("Lower train.batch_size (now ", train.batch_size, ") and raise train.accumulate (now ",
                train.accumulate, "), or add --set train.out_of_memory=halve. Or lower", kSmaller);
}

void warn_if_memory_is_short(const Config& config, const Execution& execution) {
  if (!execution.device.is_cpu()) return;
  const auto& size = config.data.size;
  int64_t values = 0;
  for (const Layer& layer : layers_of(describe_unet(config.model, *config.data.channels), size.at(0), size.at(1)))
    values += layer.values;
  const int64_t outputs = values * config.train.batch_size * static_cast<int64_t>(c10::elementSize(execution.dtype));
  const int64_t limit = memory_limit();
  if (outputs < limit / 4) return;
  const StepForecast step = forecast(config, execution);
  if (step.bytes(config.train.batch_size) > limit) spdlog::warn("{}", advice(config.train, step));
}

}  // namespace unet
