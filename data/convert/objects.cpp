#include "data/convert/objects.h"

#include <unordered_map>

namespace unet {

Regions find_objects(const ConversionPlan& plan, const SampleToWrite& sample, bool with_ignored) {
  const PlannedClasses& classes = plan.classes;
  constexpr int kFirstObject = 256;  // after all label values
  std::unordered_map<int64_t, int> objects;
  cv::Mat ids(sample.values.size(), CV_32SC1);
  for_each_value(sample.labels, [&](int y, int x, int64_t number) {
    const int value = sample.values.at<uint8_t>(y, x);
    int& id = ids.at<int>(y, x);
    if (value == classes.ignored_value) {
      id = with_ignored ? value : 0;
    } else if (value == 0 || !plan.numbers_objects[static_cast<size_t>(value - classes.first_value)]) {
      id = value;
    } else {
      id = objects.emplace(number, kFirstObject + static_cast<int>(objects.size())).first->second;
    }
  });
  return find_regions(ids);
}

std::string flat_points(const std::vector<cv::Point>& points) {
  std::string text = "[";
  for (const cv::Point& point : points) {
    if (text.size() > 1) text += ',';
    text += std::to_string(point.x) + ',' + std::to_string(point.y);
  }
  return text + "]";
}

}  // namespace unet
