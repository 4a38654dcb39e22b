// Checkpoints that are truncated, damaged or hostile, or do not fit their config.

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/checkpoint/checkpoint.h"
#include "app/inference/segmenter.h"
#include "data/files/atomic_file.h"
#include "tests/support/error_text.h"
#include "tests/support/repeated.h"
#include "tests/support/sanitizer.h"
#include "tests/support/tiny_training.h"
#include "tests/support/trust.h"

namespace unet {
namespace {

/// Bytes of a checkpoint that a training saved.
const std::string& real_checkpoint() {
  static const std::string bytes = TinyTraining().run("", 8).checkpoint;
  return bytes;
}

/// Describes what happened if the bytes were not refused as bad data; "" if they were.
std::string missing_refusal(const std::string& bytes) {
  const std::string text = error_text(ErrorKind::data, [&] { checkpoint_from_bytes(bytes, "file"); });
  return text.rfind("file: ", 0) == 0 ? "" : text;
}

TEST(DamagedCheckpoint, TruncatedAnywhereIsRefused) {
  TrustRow row(7, "a real checkpoint truncated at every length");
  const auto size = static_cast<int64_t>(real_checkpoint().size());
  const int64_t count = std::min(case_count(200, size), size);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t length = i * size / count;
    row.add(concat(length, " of ", size, " bytes"),
            missing_refusal(real_checkpoint().substr(0, static_cast<size_t>(length))));
  }
}

TEST(DamagedCheckpoint, AFlippedBitAnywhereIsDetected) {
  TrustRow row(7, "a real checkpoint with one bit flipped");
  const auto bits = 8 * static_cast<int64_t>(real_checkpoint().size());
  for (int64_t i = 0; i < case_count(100, 10'000); ++i) {
    const auto bit = static_cast<size_t>(Rng::from(6, "bit", i).below(bits));
    std::string damaged = real_checkpoint();
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    row.add(concat("bit ", bit), missing_refusal(damaged));
  }
}

std::string with_length(uint64_t length, const std::string& content) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xff);
  return bytes + content;
}

std::string with_header(const std::string& header) { return with_length(header.size(), header); }

/// Header of `count` tensors without bytes.
std::string many_tensors(int count) {
  std::string header = "{";
  for (int i = 0; i < count; ++i)
    header += concat(i == 0 ? "" : ",", "\"", i, R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})");
  return header + "}";
}

struct Hostile {
  const char* name;
  std::string bytes;
};

std::vector<Hostile> hostile_headers() {
  constexpr int kMany = 4'000'000;
  const auto tensor = [](const std::string& shape, const std::string& offsets) {
    return with_header(R"({"a":{"dtype":"F32","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}}");
  };
  return {
      {"a length of 2^63", with_length(uint64_t{1} << 63, "{}")},
      {"a length of 2^64 - 1", with_length(~uint64_t{0}, "{}")},
      {"a length of 100 MB in a short file", with_length(100'000'000, "{}")},
      {"lists in lists", with_header(repeated("[", kMany))},
      {"maps in maps", with_header(repeated("{\"a\":", kMany))},
      {"a list of zeros", with_header("{\"a\":[" + repeated("0,", kMany) + "0]}")},
      {"a list of lists", with_header("{\"a\":[" + repeated("[],", kMany) + "[]]}")},
      {"a shape of zeros", tensor(repeated("0,", kMany) + "0", "0,0")},
      {"offsets without end", tensor("1", repeated("0,", kMany) + "0")},
      {"empty maps as tensors", with_header("{" + repeated("\"a\":{},", kMany) + "\"a\":{}}")},
      {"many tensors", with_header(many_tensors(200'000))},
      {"a long name", with_header("{\"" + repeated("a", kMany) + "\":{}}")},
      {"a long number", with_header("{\"a\":" + repeated("9", kMany) + "}")},
      {"metadata without end", with_header("{\"__metadata__\":{" + repeated("\"a\":\"\",", kMany) + "\"b\":\"\"}}")},
      {"a shape of 2^60", tensor("1152921504606846976", "0,4611686018427387904")},
      {"a shape whose product is 2^64", tensor("4294967296,4294967296", "0,0")},
      {"nothing by 2^62 by 2^62", tensor("0,4611686018427387904,4611686018427387904", "0,0")},
      {"a negative shape", tensor("-1", "0,4")},
      {"a broken shape", tensor("1e400", "0,4")},
      {"names that are not UTF-8", with_header("{\"\xff\xfe\":{}}")},
      {"a header of zeros", with_header(std::string(1000, '\0'))}};
}

int64_t status_bytes(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.rfind(key + ":", 0) == 0) return std::atoll(line.c_str() + key.size() + 1) << 10;
  return 0;
}

/// Peak memory of an action beyond what was held before, and its CPU time.
struct Cost {
  int64_t bytes = 0;
  double cpu_seconds = 0;
};

template <class Action>
Cost cost_of(Action&& action) {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
  const int64_t before = status_bytes("VmRSS");
  const std::clock_t start = std::clock();
  action();
  return {status_bytes("VmHWM") - before, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC};
}

TEST(DamagedCheckpoint, HostileHeadersAreRefusedCheaply) {
  constexpr int64_t kMaxBytes = 50 << 20;
  const Cost probe = cost_of([] { volatile const std::string block(64 << 20, 'x'); });
  if (!kAddressSanitizer && probe.bytes < kMaxBytes) GTEST_SKIP() << "the system cannot reset the peak of memory";
  constexpr double kMaxSeconds = 20;  // a second is usual; the margin is for busy machines
  double slowest = 0;
  TrustRow row(7, "hostile headers: refused with under 50 MB");
  for (const Hostile& hostile : hostile_headers()) {
    std::string failure;
    const Cost cost = cost_of([&] { failure = missing_refusal(hostile.bytes); });
    if (!kAddressSanitizer && cost.bytes > kMaxBytes) failure += concat(" takes ", cost.bytes >> 20, " MiB");
    slowest = std::max(slowest, cost.cpu_seconds);
    if (cost.cpu_seconds > kMaxSeconds) failure += concat(" takes ", cost.cpu_seconds, " s");
    row.add(concat(hostile.name, ", ", hostile.bytes.size(), " bytes"), failure);
  }
  std::cout << "the slowest took " << slowest << " s of CPU time\n";
}

/// Returns the message with which a changed checkpoint is refused when its model is loaded.
std::string refusal(const std::function<void(Checkpoint&)>& change) {
  const TempFolder folder;
  Checkpoint checkpoint = checkpoint_from_bytes(real_checkpoint(), "real");
  change(checkpoint);
  write_file(folder / "changed.safetensors", to_bytes(checkpoint));
  return error_text(ErrorKind::data, [&] { load_model(folder / "changed.safetensors", "cpu"); });
}

/// Returns a change that replaces text in the checkpoint's config.
auto replace_option(const std::string& before, const std::string& after) {
  return [=](Checkpoint& checkpoint) {
    const size_t at = checkpoint.config.find(before);
    ASSERT_NE(at, std::string::npos);
    checkpoint.config.replace(at, before.size(), after);
  };
}

struct MismatchCase {
  std::string name;
  std::function<void(Checkpoint&)> change;
  std::string tensor;
  std::string option;
};

TEST(DamagedCheckpoint, MismatchWithItsConfigNamesTensorAndOption) {
  TrustRow row(8, "a checkpoint whose tensors do not fit its config: tensor and option named");
  const auto remove_tensor = [](const std::string& name) {
    return [=](Checkpoint& checkpoint) {
      checkpoint.weights.erase(name);
      checkpoint.ema.erase(name);
    };
  };
  for (const MismatchCase& bad : {
           MismatchCase{"width", replace_option("base_channels: 4", "base_channels: 8"), "encoder.0.conv1.weight",
                        "model.base_channels"},
           {"depth", replace_option("depth: 2", "depth: 3"), "", "model.depth"},
           {"classes", replace_option("num_classes: 3", "num_classes: 4"), "head.", "model.num_classes"},
           {"norm", replace_option("norm: batch", "norm: none"), ".bias", "model.norm"},
           {"a tensor is missing", remove_tensor("head.bias"), "head.bias", "model."},
       }) {
    const std::string text = refusal(bad.change);
    const bool named = text.find(bad.tensor) != std::string::npos && text.find(bad.option) != std::string::npos &&
                       text.find("changed.safetensors") != std::string::npos;
    row.add(bad.name, named ? "" : "expected " + bad.tensor + " and " + bad.option + ", got: " + text);
  }
  EXPECT_EQ(refusal([](Checkpoint&) {}), "no error");
}

}  // namespace
}  // namespace unet
