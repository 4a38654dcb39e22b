// The committed golden values against fresh ones from the PyTorch of this machine.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

constexpr double kTolerance = 1e-6;  // other versions of PyTorch differ in the last bits

const std::string kPython = "/usr/bin/python3 -B ";

struct Outcome {
  bool succeeded = false;
  std::string output;
};

Outcome run(const std::string& command, const TempFolder& folder) {
  const std::string log = folder / "output.txt";
  Outcome outcome;
  outcome.succeeded = std::system((command + " > '" + log + "' 2>&1").c_str()) == 0;
  std::stringstream text;
  text << std::ifstream(log).rdbuf();
  outcome.output = text.str();
  return outcome;
}

bool oracles_are_required() {
  const char* value = std::getenv("UNET_REQUIRE_ORACLES");
  return value != nullptr && std::string(value) == "1";
}

void expect_equal_files(const Safetensors& committed, const Safetensors& fresh, const std::string& name) {
  EXPECT_EQ(committed.metadata, fresh.metadata) << name;
  EXPECT_EQ(committed.tensors.size(), fresh.tensors.size()) << name;
  for (const auto& [tensor_name, tensor] : committed.tensors) {
    ASSERT_EQ(fresh.tensors.count(tensor_name), 1u) << name << ": " << tensor_name;
    EXPECT_LE(relative_difference(fresh.tensors.at(tensor_name), tensor), kTolerance) << name << ": " << tensor_name;
  }
}

TEST(GoldenOracle, PyTorchStillGivesTheCommittedValues) {
  TempFolder folder;
  const auto probe = run(kPython + "-c 'import numpy, torch'", folder);
  if (!probe.succeeded) {
    const std::string reason = "no /usr/bin/python3 with torch and numpy (scripts/setup.sh --tests installs them)";
    if (oracles_are_required()) FAIL() << reason << "\n" << probe.output;
    GTEST_SKIP() << reason;
  }
  const std::string script = std::string(UNET_SOURCE_DIR) + "/scripts/reference/golden.py";
  const auto written = run(kPython + "'" + script + "' --out '" + (folder / "fresh") + "'", folder);
  ASSERT_TRUE(written.succeeded) << written.output;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "fresh")) {
    const std::string name = entry.path().stem().string();
    expect_equal_files(read_golden(name), read_safetensors(entry.path().string()), name);
    ++files;
  }
  EXPECT_EQ(files, 8u);
}

}  // namespace
}  // namespace unet
