#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/sanitizer.h"

namespace unet {
namespace {

class Inspect : public TrainedRun {
 protected:
  static nlohmann::json inspect_json(const std::vector<std::string>& arguments) {
    const Outcome outcome = run_unet(add_arguments({"inspect", "--json"}, arguments));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }
};

TEST_F(Inspect, ShowsAPresetACheckpointAndARun) {
  const Outcome preset = run_unet({"inspect", "membrane", "--input-size", "512x512"});
  EXPECT_EQ(preset.code, 0) << preset.err;
  EXPECT_TRUE(contains(preset.out, "conv transpose 2x2 stride 2"));
  EXPECT_TRUE(contains(preset.out, "prediction of an image of 512x512"));
  for (const std::string& subject : {run(), run() + "/checkpoints/last.safetensors"}) {
    const Outcome outcome = run_unet({"inspect", subject});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "4x32x32"));
    EXPECT_FALSE(contains(outcome.out, "assumed"));
  }
}

TEST_F(Inspect, SettingsChangeWhatIsShown) {
  const auto narrow = inspect_json({"membrane", "--set", "model.base_channels=8"});
  const auto wide = inspect_json({"membrane", "--set", "model.base_channels=16"});
  EXPECT_LT(narrow.at("total").at("parameters"), wide.at("total").at("parameters"));
  EXPECT_LT(narrow.at("memory").at("training_step_bytes"), wide.at("memory").at("training_step_bytes"));
}

TEST_F(Inspect, UpsamplingOfARunIsShownAsTextJsonAndPicture) {
  const std::string picture = in_folder("upsampling.png");
  const std::vector<std::string> arguments{"inspect", run(), "--upsampling", "--out", picture};
  const Outcome shown = run_unet(arguments);
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_TRUE(contains(shown.out, "factor 2: even")) << shown.out;
  EXPECT_TRUE(contains(shown.out, "trained"));
  EXPECT_TRUE(contains(shown.err, picture));
  EXPECT_GT(std::filesystem::file_size(picture), 1000u);
  EXPECT_EQ(run_unet(arguments).code, 73) << "the picture exists";
  EXPECT_EQ(run_unet(add_arguments(arguments, {"--overwrite"})).code, 0);
  EXPECT_EQ(run_unet({"inspect", run(), "--out", picture}).code, 2) << "--out without --upsampling";

  const auto json = inspect_json({"membrane", "--upsampling", "--set", "model.upsampling=nearest"});
  EXPECT_EQ(json.at("overlaps").at(0).at("even"), true);
  EXPECT_LT(json.at("decoder").at("amplitude").at("fresh").get<double>(), 1e-5);
}

TEST_F(Inspect, UpsamplingThatMissesTheSizeIsRefusedAtItsLine) {
  const std::string config = in_folder("uneven.yaml");
  std::ofstream(config) << "base: membrane\nmodel:\n  upsampling:\n    mode: conv_transpose\n    kernel_size: 3\n";
  const Outcome outcome = run_unet({"inspect", config});
  EXPECT_EQ(outcome.code, 78);
  EXPECT_TRUE(contains(outcome.err, config + ":5:18: model.upsampling.kernel_size: a height of 32 becomes (32 - 1)*2"))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "Nearest that work: kernel_size 2; padding 1 and output_padding 1")) << outcome.err;
}

TEST_F(Inspect, MistakesAreRefused) {
  EXPECT_EQ(run_unet({"inspect"}).code, 2);
  EXPECT_EQ(run_unet({"inspect", in_folder("absent")}).code, 66);
  EXPECT_EQ(run_unet({"inspect", in_folder("absent.safetensors")}).code, 66);
  EXPECT_EQ(run_unet({"inspect", "membrane", "--set", "model.depht=3"}).code, 78);
  const std::string config = in_folder("deep.yaml");
  std::ofstream(config) << "model: {depth: 8}\ndata: {size: [64, 64]}\n";
  const Outcome deep = run_unet({"inspect", config});
  EXPECT_EQ(deep.code, 78);
  EXPECT_TRUE(contains(deep.err, config + ":2:14: data.size: got 64 pixels, expected at least 512")) << deep.err;
  for (const char* size : {"512", "512x", "0x512", "512x512x3", "-1x8", "axb"}) {
    const Outcome outcome = run_unet({"inspect", "membrane", "--input-size", size});
    EXPECT_EQ(outcome.code, 2) << size;
    EXPECT_TRUE(contains(outcome.err, "expected HEIGHTxWIDTH")) << size;
  }
}

/// Error of a forecast, relative to the measured value.
double forecast_error(int64_t forecast, int64_t measured) {
  return std::abs(static_cast<double>(forecast - measured)) / static_cast<double>(measured);
}

/// Settings of a training of one step, whose activations take most of its memory.
std::vector<std::string> large_settings() {
  return {"--set", "data.size=[224, 224]", "--set", "model.base_channels=16", "--set", "model.num_classes=4",
          "--set", "train.epochs=1",       "--set", "train.precision=fp32",   "--set", "train.batch_size=6"};
}

TEST_F(Inspect, ForecastsThePeakOfATrainingAndOfAPrediction) {
  if (kAddressSanitizer) GTEST_SKIP() << "the address sanitizer holds freed memory back";
  const std::string images = in_folder("large"), out = in_folder("large-run");
  ASSERT_EQ(run_unet({"synth", "--out", images, "--count", "8", "--size", "256"}).code, 0);
  const std::vector<std::string> settings = large_settings();
  const Outcome train = run_unet(add_arguments({"train", "--data", images, "--out", out}, settings));
  ASSERT_EQ(train.code, 0) << train.err;
  if (contains(train.err, "oneDNN")) GTEST_SKIP() << "without oneDNN, convolutions need more memory than forecast";
  const auto document = inspect_json(add_arguments({out + "/config.yaml", "--input-size", "256x256"}, settings));
  const int64_t step = document.at("memory").at("training_step_bytes");
  EXPECT_LE(forecast_error(step, train.peak_bytes), 0.2) << step << " forecast, " << train.peak_bytes << " measured";

  const Outcome predict = run_unet({"predict", out, images + "/test/images", "--out", in_folder("large-masks")});
  ASSERT_EQ(predict.code, 0) << predict.err;
  const int64_t prediction = document.at("memory").at("prediction_bytes");
  EXPECT_LE(forecast_error(prediction, predict.peak_bytes), 0.2)
      << prediction << " forecast, " << predict.peak_bytes << " measured";
}

TEST_F(Inspect, ForecastsThePeakOfATrainingWithActivationCheckpoints) {
  if (kAddressSanitizer) GTEST_SKIP() << "the address sanitizer holds freed memory back";
  const std::string images = in_folder("checkpoints"), out = in_folder("checkpoints-run");
  ASSERT_EQ(run_unet({"synth", "--out", images, "--count", "8", "--size", "256"}).code, 0);
  const auto settings = add_arguments(large_settings(), {"--set", "train.checkpoint_activations=true"});
  const Outcome train = run_unet(add_arguments({"train", "--data", images, "--out", out}, settings));
  ASSERT_EQ(train.code, 0) << train.err;
  if (contains(train.err, "oneDNN")) GTEST_SKIP() << "without oneDNN, convolutions need more memory than forecast";
  const auto step_bytes = [&](const std::string& value) {
    return inspect_json({out + "/config.yaml", "--set", "train.checkpoint_activations=" + value})
        .at("memory")
        .at("training_step_bytes")
        .get<int64_t>();
  };
  const int64_t forecast = step_bytes("true");
  EXPECT_LE(forecast_error(forecast, train.peak_bytes), 0.2)
      << forecast << " forecast, " << train.peak_bytes << " measured";
  EXPECT_LT(forecast, step_bytes("false") * 3 / 4);
}

}  // namespace
}  // namespace unet
