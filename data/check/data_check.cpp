#include "data/check/data_check.h"

#include <utility>

#include "configs/schema/class_weight.h"
#include "data/check/checks.h"
#include "data/dataset/resolve_images.h"

namespace unet {
namespace {

void inspect_masks(DataReport& report) {
  report.masks = count_classes(report.data);
  check_masks(report.data, report.warnings);
  check_classes(report.masks, report.warnings);
  for (size_t c = 0; c < report.masks.classes.size(); ++c)
    report.class_weights.push_back(class_weight(class_share(report.masks, c, kTrain)));
}

void inspect_images(DataReport& report) {
  const std::vector<size_t> train = report.data.usable({kTrain});
  const auto& channels = report.data.options.channels;
  if (!train.empty()) {
    report.crop = crop_side(report.data.scan, train);
    report.intensity = intensity_of(report.data.scan, train, channels.value_or(3));
  }
  check_duplicates(report.data, report.warnings);
  check_images(report.data, report.warnings);
  check_crop(report.data, report.warnings);
  check_validation(report.data, report.warnings);
}

}  // namespace

DataReport check_data(Dataset data) {
  DataReport report;
  report.data = std::move(data);
  inspect_masks(report);
  inspect_images(report);
  sort_by_kind(report.warnings);
  return report;
}

}  // namespace unet
