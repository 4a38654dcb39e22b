#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/scores/metric.h"

namespace unet {

/// Confusion matrix: pixels by (true class, predicted class), summed over a whole set.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int64_t num_classes);

  /// Counts the pixels of an image. truth, prediction: HxW CV_8UC1 class indices. Pixels whose truth is kIgnoreLabel
  /// are not counted.
  void add(const cv::Mat& truth, const cv::Mat& prediction);

  int64_t num_classes() const { return num_classes_; }
  int64_t at(int64_t truth, int64_t prediction) const;

 private:
  int64_t num_classes_;
  std::vector<int64_t> counts_;  // num_classes_ x 256
};

/// Scores of a class in [0,1], from its true positives, false positives and false negatives:
/// iou TP/(TP+FP+FN), dice 2TP/(2TP+FP+FN), precision TP/(TP+FP), recall TP/(TP+FN).
/// All are undefined for a class without true pixels; precision also for a class that is never predicted.
struct ClassScores {
  std::string name;
  int64_t pixels = 0;  ///< true pixels
  std::optional<double> iou, dice, precision, recall;
};

/// Scores of a set of images, in [0,1].
struct Scores {
  std::vector<ClassScores> classes;
  /// Means over the classes for which they are defined; foreground: without class 0.
  std::optional<double> mean_iou, mean_dice, mean_precision, mean_recall;
  std::optional<double> mean_foreground_iou, mean_foreground_dice;
  std::optional<double> pixel_accuracy;
  std::vector<MetricScores> metrics{};  ///< metrics beyond the confusion matrix that were asked for
};

/// Computes the scores. A class without an entry in `class_names` is called "class N".
Scores compute_scores(const ConfusionMatrix& counts, const std::vector<std::string>& class_names);

/// Names of the scores of the confusion matrix.
std::vector<std::string> score_names();

/// Value of the score of the confusion matrix with this name; empty if it is undefined.
std::optional<double> score_by_name(const Scores& scores, const std::string& name);

nlohmann::json to_json(const Scores& scores);

/// Formats a table for the terminal, followed by the classes whose scores are undefined.
std::string to_table(const Scores& scores);

}  // namespace unet
