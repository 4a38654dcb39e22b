#include "app/planning/choices.h"

#include <algorithm>
#include <cmath>

#include "app/planning/resolution.h"
#include "configs/schema/writer.h"

namespace unet {

const std::vector<PlannerChoice>& planner_choices() {
  static const std::vector<PlannerChoice> table = [] {
    std::vector<PlannerChoice> rows;
    for (const auto& part :
         {sampling_choices(), network_choices(), augmentation_choices(), loss_choices(), training_choices()})
      std::copy_if(part.begin(), part.end(), std::back_inserter(rows),
                   [](const PlannerChoice& row) { return has_option(row.path); });
    return rows;
  }();
  return table;
}

double sample_megapixels(const Config& draft) {
  return static_cast<double>(draft.data.size.at(0) * draft.data.size.at(1)) / 1e6;
}

double expected_steps(const PlanInput& input, const Config& draft) {
  const auto samples = static_cast<double>(draft.train.batch_size * draft.train.accumulate);
  if (input.is_timed()) {
    const auto batch = static_cast<int64_t>(samples);
    return kShareOfSteps * input.limits.time->seconds /
           input.machine.step_seconds(draft.model.base_channels, batch, sample_megapixels(draft));
  }
  const double epoch = static_cast<double>(input.data.train_images * draft.data.samples_per_image) / samples;
  return static_cast<double>(draft.train.epochs) * std::ceil(epoch);
}

double expected_passes(const PlanInput& input, const Config& draft) {
  const double seen =
      expected_steps(input, draft) * static_cast<double>(draft.train.batch_size * draft.train.accumulate);
  const bool is_whole = draft.data.size_policy != SizePolicy::crop;
  return seen / std::max(1.0, is_whole ? static_cast<double>(input.data.train_images)
                                       : distinct_samples(input.data, sample_megapixels(draft)));
}

double validation_seconds(const PlanInput& input, const Config& draft) {
  const auto images = static_cast<double>(input.data.val_images);
  const bool is_resized = draft.data.size_policy == SizePolicy::resize;
  const double megapixels = is_resized ? images * sample_megapixels(draft) : input.data.val_megapixels;
  return megapixels * input.machine.speed(draft.model.base_channels).predict + images * input.machine.read_seconds;
}

bool has_option(const std::string& path) {
  static const auto options = option_values(Config());
  return options.count(path) != 0;
}

}  // namespace unet
