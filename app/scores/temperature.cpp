#include "app/scores/temperature.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/scores/calibration_error.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

/// Probabilities of a pixel at a temperature.
void softmax_of(const float* logits, double temperature, std::vector<double>& probabilities) {
  const double largest = *std::max_element(logits, logits + probabilities.size());
  double sum = 0;
  for (size_t c = 0; c < probabilities.size(); ++c) {
    probabilities[c] = std::exp((static_cast<double>(logits[c]) - largest) / temperature);
    sum += probabilities[c];
  }
  for (double& probability : probabilities) probability /= sum;
}

/// Derivative of the negative log likelihood with respect to 1 / temperature: the sum over the pixels of the expected
/// logit minus that of the label. The likelihood is convex in 1 / temperature, so the derivative only rises with it.
double likelihood_slope(const LogitSample& sample, double temperature) {
  const auto classes = static_cast<size_t>(sample.num_classes);
  std::vector<double> probabilities(classes);
  double slope = 0;
  for (size_t i = 0; i < sample.labels.size(); ++i) {
    const float* logits = sample.logits.data() + i * classes;
    softmax_of(logits, temperature, probabilities);
    const double own = logits[sample.labels[i]];
    for (size_t c = 0; c < classes; ++c) slope += probabilities[c] * (static_cast<double>(logits[c]) - own);
  }
  return slope;
}

/// Expected calibration error of the pixels; the sample must not be empty.
double sample_calibration_error(const LogitSample& sample, double temperature) {
  const auto classes = static_cast<size_t>(sample.num_classes);
  std::vector<double> probabilities(classes);
  CalibrationBins bins;
  for (size_t i = 0; i < sample.labels.size(); ++i) {
    softmax_of(sample.logits.data() + i * classes, temperature, probabilities);
    const auto largest = std::max_element(probabilities.begin(), probabilities.end());
    bins.add(*largest, largest - probabilities.begin() == sample.labels[i]);
  }
  return bins.error().value();
}

}  // namespace

double fit_temperature(const LogitSample& sample) {
  constexpr int kHalvings = 20;  // of the interval of log(temperature), which is 6 wide
  if (likelihood_slope(sample, 1) == 0) return 1;
  double low = std::log(kLowestTemperature), high = std::log(kHighestTemperature);
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (likelihood_slope(sample, std::exp(middle)) > 0 ? low : high) = middle;
  }
  return std::exp(0.5 * (low + high));
}

std::optional<Calibration> calibrate(const LogitSample& sample) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (sample.labels.empty() || !std::all_of(sample.logits.begin(), sample.logits.end(), is_finite)) return std::nullopt;
  Calibration calibration;
  calibration.temperature = fit_temperature(sample);
  calibration.error_before = sample_calibration_error(sample, 1);
  calibration.error_after = sample_calibration_error(sample, calibration.temperature);
  calibration.pixels = static_cast<int64_t>(sample.labels.size());
  return calibration;
}

nlohmann::json to_json(const Calibration& calibration) {
  return {{"temperature", calibration.temperature},
          {"error_before", calibration.error_before},
          {"error_after", calibration.error_after},
          {"pixels", calibration.pixels}};
}

double temperature_of(const nlohmann::json& calibration) {
  if (calibration.is_null()) return 1;
  const bool has = calibration.is_object() && calibration.contains("temperature");
  if (!has || !calibration["temperature"].is_number() || !(calibration["temperature"].get<double>() > 0))
    fail(ErrorKind::data, "the calibration cannot be read: got ", calibration.dump(),
         ", expected a temperature above 0");
  return calibration["temperature"].get<double>();
}

}  // namespace unet
