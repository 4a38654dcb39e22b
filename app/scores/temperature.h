#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace unet {

/// Logits of pixels and their true classes, for temperature scaling.
struct LogitSample {
  int64_t num_classes = 0;
  std::vector<float> logits;    ///< pixels x num_classes
  std::vector<uint8_t> labels;  ///< class of each pixel, never kIgnoreLabel
};

/// Temperature of a model: its probabilities are softmax(logits / temperature).
struct Calibration {
  double temperature = 1;
  double error_before = 0;  ///< expected calibration error of the pixels at temperature 1
  double error_after = 0;   ///< the same at `temperature`
  int64_t pixels = 0;       ///< pixels that it was found on
};

inline constexpr double kLowestTemperature = 0.05, kHighestTemperature = 20;

/// The temperature between these limits with the smallest mean negative log likelihood of the labels, to 5 digits. 1
/// for pixels whose likelihood does not depend on it. Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.
double fit_temperature(const LogitSample& sample);

/// Fits the temperature and measures its effect; nullopt without pixels, or where a logit is not finite.
std::optional<Calibration> calibrate(const LogitSample& sample);

nlohmann::json to_json(const Calibration& calibration);

/// The temperature in such an object; 1 for null.
double temperature_of(const nlohmann::json& calibration);

}  // namespace unet
