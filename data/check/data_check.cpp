#include "data/check/data_check.h"

#include <utility>

#include "configs/schema/class_weight.h"
#include "data/check/checks.h"
#include "data/dataset/channels.h"
#include "data/dataset/resolve_images.h"

namespace unet {
namespace {

void inspect_masks(DataReport& report, const ScanOptions& scan) {
  report.masks = count_classes(report.data);
  report.objects = count_objects(report.data, scan);
  check_masks(report.data, report.warnings);
  check_classes(report.masks, report.warnings);
  for (size_t c = 0; c < report.masks.classes.size(); ++c)
    report.class_weights.push_back(class_weight(class_share(report.masks, c, kTrain)));
}

/// Indices of the usable training images that become images of this many channels.
std::vector<size_t> convertible_images(const Dataset& data, int64_t channels) {
  std::vector<size_t> images;
  for (const size_t i : data.usable({kTrain}))
    if (channels_convert(data.scan.channels[i], data.scan.has_alpha[i], channels, data.options.fourth_channel))
      images.push_back(i);
  return images;
}

void inspect_images(DataReport& report) {
  const std::vector<size_t> train = report.data.usable({kTrain});
  if (!train.empty()) report.crop = crop_side(report.data.scan, train);
  const int64_t channels = report.data.options.channels.value_or(3);
  if (const std::vector<size_t> images = convertible_images(report.data, channels); !images.empty()) {
    report.intensity = intensity_of(report.data.scan, images, channels);
    report.normalization = advise_normalization(report.data, images, channels);
  }
  check_duplicates(report.data, report.warnings);
  check_near_duplicates(report.data, report.warnings);
  check_images(report.data, report.warnings);
  check_crop(report.data, report.warnings);
  check_validation(report.data, report.warnings);
}

}  // namespace

DataReport check_data(Dataset data, const ScanOptions& scan) {
  DataReport report;
  report.data = std::move(data);
  inspect_masks(report, scan);
  inspect_images(report);
  sort_by_kind(report.warnings);
  return report;
}

}  // namespace unet
