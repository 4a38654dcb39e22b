#include "app/checkpoint/checkpoint.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "app/config/config.h"
#include "app/training/training_state.h"
#include "data/samples/rng.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

Checkpoint sample_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.config = "model:\n  depth: 2\n";
  checkpoint.weights = {{"head.weight", torch::arange(6, torch::kFloat).view({2, 3})}, {"steps", torch::tensor(7)}};
  checkpoint.ema = {{"head.weight", torch::ones({2, 3})}};
  checkpoint.optimizer = {{"head.weight/exp_avg", torch::full({2, 3}, 0.5)}};
  checkpoint.state = {{"step", 12}};
  checkpoint.data_fingerprint = "abc";
  return checkpoint;
}

/// Safetensors file with this header and `data_bytes` bytes of data.
std::string with_header(const std::string& header, size_t data_bytes) {
  std::string bytes;
  for (size_t i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + std::string(data_bytes, '\0');
}

UNetOptions two_level_unet() {
  UNetOptions options;
  options.num_classes = 3;
  options.depth = 2;
  options.base_channels = 2;
  return options;
}

std::string read_error(const std::string& bytes) {
  return error_text(ErrorKind::data, [&] { from_bytes(bytes, "file"); });
}

TEST(Checkpoint, ReadsBackAsWritten) {
  const Checkpoint read = checkpoint_from_bytes(to_bytes(sample_checkpoint()), "file");
  EXPECT_EQ(read.config, sample_checkpoint().config);
  EXPECT_EQ(read.state, sample_checkpoint().state);
  EXPECT_EQ(read.data_fingerprint, "abc");
  EXPECT_TRUE(torch::equal(read.weights.at("head.weight"), sample_checkpoint().weights.at("head.weight")));
  EXPECT_EQ(read.weights.at("steps").item<int64_t>(), 7);
  EXPECT_TRUE(torch::equal(read.weights_to_use().at("head.weight"), torch::ones({2, 3})));
  EXPECT_TRUE(torch::equal(read.optimizer.at("head.weight/exp_avg"), torch::full({2, 3}, 0.5)));
  EXPECT_EQ(to_bytes(read), to_bytes(sample_checkpoint()));
}

TEST(Checkpoint, EveryTruncationIsRefused) {
  const std::string bytes = to_bytes(sample_checkpoint());
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_EQ(
        error_text(ErrorKind::data, [&] { checkpoint_from_bytes(bytes.substr(0, length), "file"); }).rfind("file: ", 0),
        0u)
        << length;
}

TEST(Checkpoint, EveryBitFlipIsDetected) {
  const std::string bytes = to_bytes(sample_checkpoint());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW(checkpoint_from_bytes(damaged, "file"), Error) << "bit " << bit;
  }
}

TEST(Checkpoint, AnotherFormatVersionIsRefusedByNumber) {
  Safetensors content;
  content.metadata = {{"unet", R"({"version": 99})"}};
  const std::string text = error_text(ErrorKind::data, [&] { checkpoint_from_bytes(to_bytes(content), "file"); });
  EXPECT_EQ(text.rfind("file: format version 99, ", 0), 0u) << text;
}

TEST(Checkpoint, ForeignSafetensorsAreRefused) {
  const std::string text = error_text(ErrorKind::data, [] { checkpoint_from_bytes(to_bytes(Safetensors{}), "file"); });
  EXPECT_NE(text.find("no checkpoint of this program"), std::string::npos) << text;
}

TEST(Checkpoint, WeightsThatDoNotFitAreNamedWithBothShapes) {
  Network network(describe_unet(two_level_unet(), 3));
  TensorMap weights = weights_of(*network);
  weights["head.weight"] = torch::zeros({4, 2, 1, 1});
  const std::string text = error_text(ErrorKind::data, [&] { load_weights(*network, weights, "file"); });
  EXPECT_EQ(text.rfind("file: tensor head.weight: got [4, 2, 1, 1], expected [3, 2, 1, 1]", 0), 0u) << text;
  EXPECT_NE(text.find("model.num_classes"), std::string::npos) << text;
  weights.erase("head.weight");
  EXPECT_NE(error_text(ErrorKind::data, [&] { load_weights(*network, weights, "file"); }).find("head.weight: missing"),
            std::string::npos);
}

TEST(Checkpoint, TheOptionThatExplainsAMismatchIsNamed) {
  const TensorMap weights = weights_of(*Network(describe_unet(two_level_unet(), 3)));
  EXPECT_TRUE(tensor_mismatches(weights, describe_unet(two_level_unet(), 3)).empty());
  EXPECT_EQ(tensor_mismatches(weights, describe_unet(two_level_unet(), 1)).at(0).option, "data.channels");
  const auto option_of = [&](const std::function<void(UNetOptions&)>& change) {
    UNetOptions other = two_level_unet();
    change(other);
    return tensor_mismatches(weights, describe_unet(other, 3)).at(0).option;
  };
  EXPECT_EQ(option_of([](UNetOptions& o) { o.num_classes = 5; }), "model.num_classes");
  EXPECT_EQ(option_of([](UNetOptions& o) { o.depth = 1; }), "model.depth");
  EXPECT_EQ(option_of([](UNetOptions& o) { o.depth = 3; }), "model.depth");
  EXPECT_EQ(option_of([](UNetOptions& o) { o.base_channels = 4; }), "model.base_channels");
  EXPECT_EQ(option_of([](UNetOptions& o) { o.max_channels = 4; }), "model.max_channels");
  EXPECT_EQ(option_of([](UNetOptions& o) { o.norm = NormMode::group; }), "model.norm");
}

TEST(Checkpoint, Version1IsRead) {
  const Checkpoint read = load_checkpoint(std::string(UNET_SOURCE_DIR) + "/tests/golden/checkpoint_v1.safetensors");
  Config config;
  read_config(parse_yaml(read.config, "version 1"), config);
  Network network(describe_unet(config.model, *config.data.channels));
  EXPECT_NO_THROW(load_weights(*network, read.weights_to_use(), "version 1"));
  const TrainingState state = training_state_from_json(read.state);
  EXPECT_EQ(state.step, 6);
  EXPECT_EQ(state.epoch, 2);
  EXPECT_EQ(state.splitter.parts, 1);
  EXPECT_EQ(read.optimizer.size(), 2 * network->named_parameters().size());
}

TEST(Safetensors, HostileHeadersAreRefused) {
  EXPECT_NE(read_error(std::string(8, '\xff')).find("no valid header length"), std::string::npos);
  EXPECT_NE(read_error(with_header("[1, 2]", 0)).find("not a JSON object"), std::string::npos);
  EXPECT_NE(read_error(with_header("{\"a\": ", 0)).find("not a JSON object"), std::string::npos);
  const std::string tensor = R"("a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})";
  EXPECT_NE(read_error(with_header("{" + tensor + "," + tensor + "}", 4)).find("occurs twice"), std::string::npos);
  EXPECT_NE(read_error(with_header("{" + tensor + "}", 3)).find("truncated"), std::string::npos);
  EXPECT_NE(read_error(with_header("{" + tensor + "}", 5)).find("1 bytes after the last tensor"), std::string::npos);
  const auto one = [](const std::string& entry, size_t bytes) {
    return read_error(with_header("{\"a\": " + entry + "}", bytes));
  };
  EXPECT_NE(one(R"({"dtype": "F33", "shape": [1], "data_offsets": [0, 4]})", 4).find("unknown dtype"),
            std::string::npos);
  EXPECT_NE(one(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]})", 4).find("does not match"),
            std::string::npos);
  EXPECT_NE(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})", 4).find("does not match"),
            std::string::npos);
  EXPECT_NE(one(R"({"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]})", 0).find("too large"),
            std::string::npos);
  EXPECT_NE(one(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})", 4).find("integers"), std::string::npos);
  EXPECT_NE(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [2, 6]})", 6).find("expected to begin at 0"),
            std::string::npos);
}

TEST(Safetensors, TenThousandDamagedFilesNeverCrash) {
  Rng rng(5);
  const std::string valid = to_bytes(sample_checkpoint());
  for (int round = 0; round < 10'000; ++round) {
    std::string damaged = valid;
    for (int64_t hits = 1 + rng.below(8); hits > 0; --hits)
      damaged[static_cast<size_t>(rng.below(static_cast<int64_t>(damaged.size())))] = static_cast<char>(rng.below(256));
    try {
      from_bytes(damaged, "file");
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::data);
    }
  }
}

}  // namespace
}  // namespace unet
