#include "app/scores/scores.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/scores/metric_report.h"
#include "app/scores/text_columns.h"
#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr int64_t kColumns = 256;  // a prediction may hold any byte

std::optional<double> ratio(int64_t numerator, int64_t denominator) {
  if (denominator == 0) return std::nullopt;
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

using Member = std::optional<double> ClassScores::*;

std::optional<double> mean(const std::vector<ClassScores>& classes, Member member, size_t first = 0) {
  double sum = 0;
  int64_t count = 0;
  for (size_t i = first; i < classes.size(); ++i) {
    if (!(classes[i].*member)) continue;
    sum += *(classes[i].*member);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

struct ScoreRow {
  const char* name;
  std::optional<double> Scores::*member;
};
constexpr ScoreRow kScoreRows[] = {{"mean_iou", &Scores::mean_iou},
                                   {"mean_dice", &Scores::mean_dice},
                                   {"mean_precision", &Scores::mean_precision},
                                   {"mean_recall", &Scores::mean_recall},
                                   {"mean_foreground_iou", &Scores::mean_foreground_iou},
                                   {"mean_foreground_dice", &Scores::mean_foreground_dice},
                                   {"pixel_accuracy", &Scores::pixel_accuracy}};

}  // namespace

ConfusionMatrix::ConfusionMatrix(int64_t num_classes)
    : num_classes_(num_classes), counts_(static_cast<size_t>(num_classes * kColumns)) {}

void ConfusionMatrix::add(const cv::Mat& truth, const cv::Mat& prediction) {
  if (truth.size() != prediction.size() || truth.type() != CV_8UC1 || prediction.type() != CV_8UC1)
    fail(ErrorKind::internal, "[scores] truth and prediction differ in size or type");
  for (int y = 0; y < truth.rows; ++y) {
    const auto* t = truth.ptr<uint8_t>(y);
    const auto* p = prediction.ptr<uint8_t>(y);
    for (int x = 0; x < truth.cols; ++x)
      if (t[x] < num_classes_) ++counts_[static_cast<size_t>(t[x] * kColumns + p[x])];
  }
}

int64_t ConfusionMatrix::at(int64_t truth, int64_t prediction) const {
  return counts_.at(static_cast<size_t>(truth * kColumns + prediction));
}

Scores compute_scores(const ConfusionMatrix& counts, const std::vector<std::string>& class_names) {
  Scores scores;
  int64_t total = 0;
  int64_t correct = 0;
  for (int64_t c = 0; c < counts.num_classes(); ++c) {
    int64_t truth = 0;
    int64_t predicted = 0;
    for (int64_t other = 0; other < kColumns; ++other) truth += counts.at(c, other);
    for (int64_t other = 0; other < counts.num_classes(); ++other) predicted += counts.at(other, c);
    const int64_t hit = counts.at(c, c);
    total += truth;
    correct += hit;
    ClassScores row;
    row.name = static_cast<size_t>(c) < class_names.size() ? class_names[static_cast<size_t>(c)] : concat("class ", c);
    row.pixels = truth;
    if (truth > 0) {
      row.iou = ratio(hit, truth + predicted - hit);
      row.dice = ratio(2 * hit, truth + predicted);
      row.precision = ratio(hit, predicted);
      row.recall = ratio(hit, truth);
    }
    scores.classes.push_back(row);
  }
  scores.mean_iou = mean(scores.classes, &ClassScores::iou);
  scores.mean_dice = mean(scores.classes, &ClassScores::dice);
  scores.mean_precision = mean(scores.classes, &ClassScores::precision);
  scores.mean_recall = mean(scores.classes, &ClassScores::recall);
  scores.mean_foreground_iou = mean(scores.classes, &ClassScores::iou, 1);
  scores.mean_foreground_dice = mean(scores.classes, &ClassScores::dice, 1);
  scores.pixel_accuracy = ratio(correct, total);
  return scores;
}

std::vector<std::string> score_names() {
  std::vector<std::string> names;
  for (const ScoreRow& row : kScoreRows) names.emplace_back(row.name);
  return names;
}

std::optional<double> score_by_name(const Scores& scores, const std::string& name) {
  for (const ScoreRow& row : kScoreRows)
    if (name == row.name) return scores.*row.member;
  fail(ErrorKind::internal, "[scores] no score is called ", name);
}

nlohmann::json to_json(const Scores& scores) {
  const auto value = [](const std::optional<double>& v) { return v ? nlohmann::json(*v) : nlohmann::json(); };
  nlohmann::json result{{"classes", nlohmann::json::array()}};
  for (const ClassScores& row : scores.classes)
    result["classes"].push_back({{"name", row.name},
                                 {"pixels", row.pixels},
                                 {"iou", value(row.iou)},
                                 {"dice", value(row.dice)},
                                 {"precision", value(row.precision)},
                                 {"recall", value(row.recall)}});
  for (const ScoreRow& row : kScoreRows) result[row.name] = value(scores.*row.member);
  add_metrics(result, scores.metrics);
  return result;
}

std::string to_table(const Scores& scores) {
  size_t width = 17;  // "mean (foreground)"
  for (const ClassScores& row : scores.classes) width = std::max(width, text_columns(row.name));
  std::string text;
  const auto line = [&](const std::string& name, const std::string& cells) {
    text += name + std::string(width - text_columns(name), ' ') + cells + "\n";
  };
  const auto row = [&](const std::string& name, const ClassScores& s) {
    line(name, score_cell(s.iou) + score_cell(s.dice) + score_cell(s.precision) + score_cell(s.recall));
  };
  line("class", "      IoU     Dice   precision  recall");
  std::vector<std::string> absent;
  for (const ClassScores& class_scores : scores.classes) {
    row(class_scores.name, class_scores);
    if (class_scores.pixels == 0) absent.push_back(class_scores.name);
  }
  row("mean", {"", 0, scores.mean_iou, scores.mean_dice, scores.mean_precision, scores.mean_recall});
  row("mean (foreground)", {"", 0, scores.mean_foreground_iou, scores.mean_foreground_dice, {}, {}});
  line("pixel accuracy", score_cell(scores.pixel_accuracy));
  if (!absent.empty()) text += "Undefined (no true pixels), excluded from the means: " + join(absent) + "\n";
  std::vector<std::string> names;
  for (const ClassScores& class_scores : scores.classes) names.push_back(class_scores.name);
  return text + metric_table(scores.metrics, names);
}

}  // namespace unet
