#include "app/scores/instances.h"

#include <map>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "app/scores/class_masks.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

/// Component numbers from 1, HxW CV_32SC1, and their count.
std::pair<cv::Mat, size_t> components_of(const cv::Mat& labels, int64_t class_index) {
  cv::Mat numbers;
  const int count = cv::connectedComponents(class_mask(labels, class_index), numbers, /*connectivity=*/8, CV_32S);
  return {numbers, static_cast<size_t>(count - 1)};
}

/// Pixels of the components, and of the pairs that overlap. Number 0 stands for no component.
struct ComponentAreas {
  std::vector<int64_t> truth, prediction, ignored;  ///< by number; of predictions: outside and inside ignored pixels
  std::map<std::pair<int, int>, int64_t> overlaps;
};

ComponentAreas measure_components(const cv::Mat& labels, const std::pair<cv::Mat, size_t>& truth,
                                  const std::pair<cv::Mat, size_t>& prediction) {
  ComponentAreas areas{std::vector<int64_t>(truth.second + 1),
                       std::vector<int64_t>(prediction.second + 1),
                       std::vector<int64_t>(prediction.second + 1),
                       {}};
  for (int y = 0; y < labels.rows; ++y) {
    const auto* label = labels.ptr<uint8_t>(y);
    const auto* t = truth.first.ptr<int>(y);
    const auto* p = prediction.first.ptr<int>(y);
    int64_t* overlap = nullptr;  // of the pair at the pixel before
    for (int x = 0; x < labels.cols; ++x) {
      ++areas.truth[static_cast<size_t>(t[x])];
      ++(label[x] == kIgnoreLabel ? areas.ignored : areas.prediction)[static_cast<size_t>(p[x])];
      if (t[x] == 0 || p[x] == 0) {
        overlap = nullptr;
        continue;
      }
      if (overlap == nullptr || t[x] != t[x - 1] || p[x] != p[x - 1]) overlap = &areas.overlaps[{t[x], p[x]}];
      ++*overlap;
    }
  }
  return areas;
}

}  // namespace

InstanceMatches match_instances(const cv::Mat& whole_truth, const cv::Mat& whole_prediction, int64_t class_index) {
  const cv::Rect window = class_window(whole_truth, whole_prediction, class_index);
  if (window.empty()) return {};
  const cv::Mat truth = whole_truth(window), prediction = whole_prediction(window);
  const auto true_components = components_of(truth, class_index);
  const auto predicted_components = components_of(prediction, class_index);
  const ComponentAreas areas = measure_components(truth, true_components, predicted_components);
  InstanceMatches matches;
  matches.truths = static_cast<int64_t>(true_components.second);
  std::vector<bool> is_matched(predicted_components.second + 1);
  for (const auto& [pair, intersected] : areas.overlaps) {
    const auto predicted = static_cast<size_t>(pair.second);
    const int64_t united = areas.truth[static_cast<size_t>(pair.first)] + areas.prediction[predicted] - intersected;
    if (2 * intersected <= united) continue;
    matches.pairs.push_back({intersected, united});
    is_matched[predicted] = true;
  }
  for (size_t i = 1; i < is_matched.size(); ++i)
    if (is_matched[i] || areas.ignored[i] <= areas.prediction[i]) ++matches.predictions;
  return matches;
}

}  // namespace unet
