// Checks that this machine's PyTorch reproduces the committed golden values.

#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/oracle.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

constexpr double kVersionTolerance = 1e-6;  // other versions of PyTorch differ in the last bits
constexpr double kZero = 1e-12;             // a gradient that is 0 except for rounding

bool is_zero(const torch::Tensor& tensor) { return tensor.abs().max().item<double>() < kZero; }

void expect_equal_files(const Safetensors& committed, const Safetensors& fresh, const std::string& name) {
  EXPECT_EQ(committed.metadata, fresh.metadata) << name;
  EXPECT_EQ(committed.tensors.size(), fresh.tensors.size()) << name;
  for (const auto& [tensor_name, tensor] : committed.tensors) {
    ASSERT_EQ(fresh.tensors.count(tensor_name), 1u) << name << ": " << tensor_name;
    const auto& other = fresh.tensors.at(tensor_name);
    if (is_zero(tensor) && is_zero(other)) continue;
    EXPECT_LE(relative_difference(other, tensor), kVersionTolerance) << name << ": " << tensor_name;
  }
}

TEST(GoldenOracle, PyTorchReproducesTheCommittedValues) {
  TempFolder folder;
  UNET_NEED_PYTORCH();
  const std::string script = std::string(UNET_SOURCE_DIR) + "/scripts/reference/golden.py";
  const auto written = run_oracle(std::string(kPython) + "'" + script + "' --out '" + (folder / "fresh") + "'");
  ASSERT_EQ(written.code, 0) << written.output;
  const auto names = golden_names(folder / "fresh");
  for (const std::string& name : names)
    expect_equal_files(read_golden(name), read_safetensors((folder / "fresh/") + name + ".safetensors"), name);
  auto committed = golden_names();
  committed.erase("checkpoint_v1");  // written by an earlier version of this program
  EXPECT_EQ(names, committed);
}

}  // namespace
}  // namespace unet
