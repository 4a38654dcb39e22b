#pragma once

#include <torch/types.h>

#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"
#include "app/config/config.h"

namespace unet {

/// Response to an input that is constant over the image.
struct ConstantResponse {
  /// Root mean square of the part that varies with the period of the factor, relative to that of the whole; 0 if there
  /// is no pattern.
  double amplitude = 0;
  cv::Mat pattern;  ///< deviations of the channel that varies most, relative to the whole; float
};

/// One upsampling step of the decoder, or the whole decoder.
struct UpsamplingStep {
  std::string name;
  PerAxis factor{1, 1};
  std::vector<ConstantResponse> responses;  ///< one per state of the weights
};

/// Number of input pixels that reach each output pixel of one period.
struct Overlap {
  PerAxis factor{1, 1};
  std::vector<std::vector<int64_t>> reached;
  bool is_even = false;  ///< equal weights give equal sums: a constant input causes no pattern
};

/// Report on how the decoder upsamples, and whether that causes checkerboard artifacts. Source: Odena et al. 2016,
/// doi:10.23915/distill.00003.
struct UpsamplingReport {
  std::string subject;
  std::string settings;             ///< upsampling of the first step, as text
  std::vector<std::string> states;  ///< "fresh", and "trained" if there are weights
  std::vector<Overlap> overlaps;    ///< one per distinct factor
  std::vector<UpsamplingStep> steps;
  UpsamplingStep decoder;  ///< logits for a bottleneck and skip connections that are 1 everywhere
};

/// Reports on the network of a config, whose model.num_classes and data.channels are set, with fresh and, unless empty,
/// `trained` weights.
UpsamplingReport inspect_upsampling(const Config& config, const std::string& subject, const TensorMap& trained);

std::string to_table(const UpsamplingReport& report);
nlohmann::json to_json(const UpsamplingReport& report);

/// Returns a picture of the enlarged patterns, uniform gray where there is none. RGB, 8 bits.
cv::Mat to_picture(const UpsamplingReport& report);

}  // namespace unet
