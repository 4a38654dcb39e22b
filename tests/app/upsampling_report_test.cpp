#include "app/inspection/upsampling_report.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "app/inspection/inspection.h"
#include "tests/support/contains.h"
#include "tests/support/network_cases.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

UpsamplingReport report_on(const std::string& upsampling, const TensorMap& trained = {},
                           const std::string& model = "depth: 2, base_channels: 4, num_classes: 2") {
  Config config;
  read_config(parse_yaml("model: {" + model + ", upsampling: " + upsampling + "}", "test"), config);
  fill_defaults(config);
  return inspect_upsampling(config, "test", trained);
}

using Counts = std::vector<std::vector<int64_t>>;

TEST(UpsamplingReport, AKernelThatTheStrideDoesNotDivideReachesPixelsUnevenly) {
  const auto uneven = report_on("{mode: conv_transpose, kernel_size: 3, padding: 1, output_padding: 1}").overlaps.at(0);
  EXPECT_EQ(uneven.reached, (Counts{{1, 2}, {2, 4}}));
  EXPECT_FALSE(uneven.is_even);
  for (const char* text :
       {"conv_transpose", "{mode: conv_transpose, kernel_size: 4, padding: 1}",
        "{mode: conv_transpose, kernel_size: 6, padding: 2}", "{mode: conv_transpose, stride: 3, kernel_size: 3}"})
    EXPECT_TRUE(report_on(text).overlaps.at(0).is_even) << text;
  EXPECT_FALSE(report_on("{mode: conv_transpose, kernel_size: 5, padding: 2, output_padding: 1}").overlaps[0].is_even);
  EXPECT_EQ(report_on("{mode: conv_transpose, kernel_size: 4, padding: 1}").overlaps[0].reached,
            (Counts{{4, 4}, {4, 4}}));
  for (const char* text :
       {"nearest", "bilinear", "{mode: bilinear, kernel_size: 0}"})  // counts may differ, but not sums
    EXPECT_TRUE(
        report_on(text, {}, "depth: 2, base_channels: 4, num_classes: 2, factors: [4, 3]").overlaps.at(1).is_even)
        << text;
  EXPECT_EQ(report_on("nearest").overlaps[0].reached, (Counts{{4, 4}, {4, 4}}));
  EXPECT_EQ(report_on("pixel_shuffle").overlaps[0].reached, (Counts{{9, 9}, {9, 9}}));
}

TEST(UpsamplingReport, AKernelOfOnesHasTheAmplitudeOfItsOverlap) {
  const std::string upsampling = "{mode: conv_transpose, kernel_size: 3, padding: 1, output_padding: 1, bias: false}";
  UNetOptions options = small_unet("batch", "relu", 2);
  read_options(parse_yaml("upsampling: " + upsampling, "test"), options);
  TensorMap weights = weights_of(*random_network(options));
  for (auto& [name, tensor] : weights)
    if (name.find(".up.") != std::string::npos) tensor.fill_(1);
  const auto report = report_on(upsampling, weights);
  ASSERT_EQ(report.states, (std::vector<std::string>{"fresh", "trained"}));
  // The pattern 1 2 / 2 4 has mean 2.25, mean square 6.25 and variance 6.25 - 2.25^2.
  const double expected = std::sqrt((6.25 - 2.25 * 2.25) / 6.25);
  for (const UpsamplingStep& step : report.steps) EXPECT_NEAR(step.responses.at(1).amplitude, expected, 1e-6);
}

TEST(UpsamplingReport, InterpolationHasNoCheckerboardWithAnyWeights) {
  for (const char* upsampling : {"nearest", "bilinear", "{mode: nearest, kernel_size: 0}"}) {
    UNetOptions options = small_unet("batch", "relu", 2);
    read_options(parse_yaml(std::string("upsampling: ") + upsampling, "test"), options);
    const auto report = report_on(upsampling, weights_of(*random_network(options)));
    for (const UpsamplingStep& step : report.steps)
      for (const ConstantResponse& response : step.responses) EXPECT_LT(response.amplitude, 1e-5) << upsampling;
    for (const ConstantResponse& response : report.decoder.responses) EXPECT_LT(response.amplitude, 1e-5) << upsampling;
  }
}

TEST(UpsamplingReport, PixelShuffleStartsWithoutACheckerboardButCanLearnOne) {
  UNetOptions options = small_unet("batch", "relu", 2);
  read_options(parse_yaml("upsampling: pixel_shuffle", "test"), options);
  TensorMap weights = weights_of(*random_network(options));
  for (auto& [name, tensor] : weights)
    if (name.find(".up.") != std::string::npos) tensor.normal_();
  const auto report = report_on("pixel_shuffle", weights);
  for (const UpsamplingStep& step : report.steps) {
    EXPECT_LT(step.responses.at(0).amplitude, 1e-5) << "ICNR";
    EXPECT_GT(step.responses.at(1).amplitude, 0.1);
  }
  EXPECT_LT(report.decoder.responses.at(0).amplitude, 1e-5);
  EXPECT_GT(report.decoder.responses.at(1).amplitude, 0.01);
}

TEST(UpsamplingReport, EveryNetworkHasATableJsonAndAPicture) {
  for (const NetworkCase& network_case : network_cases()) {
    Config config;
    config.model = network_case.options();
    fill_defaults(config);
    const auto report = inspect_upsampling(config, network_case.name, weights_of(*random_network(config.model)));
    EXPECT_EQ(report.steps.size(), static_cast<size_t>(config.model.depth)) << network_case.name;
    EXPECT_TRUE(contains(to_table(report), "logits of the decoder")) << network_case.name;
    EXPECT_EQ(to_json(report)["steps"].size(), report.steps.size()) << network_case.name;
    EXPECT_EQ(to_picture(report).type(), CV_8UC3) << network_case.name;
    for (const ConstantResponse& response : report.decoder.responses)
      EXPECT_TRUE(std::isfinite(response.amplitude)) << network_case.name;
  }
}

}  // namespace
}  // namespace unet
