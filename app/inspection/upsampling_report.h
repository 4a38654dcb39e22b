#pragma once

#include <torch/types.h>

#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"
#include "app/config/config.h"

namespace unet {

/// What comes of an input that is the same everywhere.
struct ConstantResponse {
  /// Root mean square of what varies and repeats with the factor, as a share of that of the whole; 0: no pattern at
  /// all.
  double amplitude = 0;
  cv::Mat pattern;  ///< of the channel that varies most: its deviations as shares of the whole; float
};

/// One step of the decoder that enlarges, or the whole decoder.
struct UpsamplingStep {
  std::string name;
  PerAxis factor{1, 1};
  std::vector<ConstantResponse> responses;  ///< by state of the weights
};

/// By output pixel of one period: how many input pixels reach it.
struct Overlap {
  PerAxis factor{1, 1};
  std::vector<std::vector<int64_t>> reached;
  bool is_even = false;  ///< equal weights make equal sums: an input that is the same everywhere gives no pattern
};

/// How the decoder enlarges, and whether that leaves a checkerboard. Source of the matter: Odena et al. 2016,
/// doi:10.23915/distill.00003.
struct UpsamplingReport {
  std::string subject;
  std::string settings;             ///< of the network's first step, for people
  std::vector<std::string> states;  ///< "fresh", and "trained" where there are weights
  std::vector<Overlap> overlaps;    ///< one for each factor that occurs
  std::vector<UpsamplingStep> steps;
  UpsamplingStep decoder;  ///< its logits, where the bottleneck and all skip connections give 1 everywhere
};

/// `trained` may be empty. config.model.num_classes and config.data.channels are set.
UpsamplingReport inspect_upsampling(const Config& config, const std::string& subject, const TensorMap& trained);

std::string to_table(const UpsamplingReport& report);
nlohmann::json to_json(const UpsamplingReport& report);

/// The patterns, enlarged: flat grey where there is none. RGB, 8 bits.
cv::Mat to_picture(const UpsamplingReport& report);

}  // namespace unet
