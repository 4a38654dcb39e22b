#include "app/runtime/execution.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "models/compat/processor.h"
#include "models/compat/torch_compat.h"
#include "models/unet/unet.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/onednn_environment.h"

namespace unet {
namespace {

TEST(Execution, NamesItsKernels) {
  EXPECT_EQ(choose_execution("cpu", Precision::bf16).text(),
            std::string("cpu, bf16, channels_last, fused kernels") +
                (compat::processor_has_amx() ? ", weight gradients on AMX" : ""));
  EXPECT_EQ(choose_execution("cpu", Precision::fp32, MemoryFormatOption::contiguous).text(),
            "cpu, fp32, contiguous, fused kernels except batch norm and upsampling");
  EXPECT_EQ(choose_execution("cpu", Precision::bf16, MemoryFormatOption::automatic, /*fast_paths=*/false).text(),
            "cpu, bf16, channels_last, LibTorch's kernels");
}

TEST(Execution, MovingANetworkToADeviceChoosesItsKernels) {
  UNetOptions options;
  options.num_classes = 2;
  options.depth = options.base_channels = 1;
  Network network(describe_unet(options, 3));
  for (const bool fast : {false, true}) {
    move_to_device(*network, choose_execution("cpu", Precision::fp32, MemoryFormatOption::automatic, fast));
    EXPECT_EQ(network->kernels(), fast ? KernelChoice::fused : KernelChoice::libtorch);
  }
}

TEST(Execution, InvalidDeviceNamesAreRefused) {
  for (const char* name : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:999", "CPU", ""})
    EXPECT_TRUE(contains(error_text(ErrorKind::usage, [&] { choose_execution(name); }),
                         "xpected one of auto, cpu, cuda, cuda:N."))
        << name;
}

TEST(Execution, TheCommonNameOfCudaIsUnderstood) {
  EXPECT_TRUE(contains(error_text(ErrorKind::usage, [] { choose_execution("gpu"); }), "Did you mean 'cuda'?"));
}

TEST(Execution, AMissingDeviceIsReportedWithThoseThatExist) {
  EXPECT_TRUE(contains(error_text(ErrorKind::unavailable, [] { choose_execution("cuda:63"); }),
                       "--device cuda:63: LibTorch sees "));
}

TEST(Execution, MemoryFormatFollowsThePrecision) {
  EXPECT_EQ(choose_execution("cpu", Precision::bf16).memory_format, torch::MemoryFormat::ChannelsLast);
  EXPECT_EQ(choose_execution("cpu", Precision::fp32).memory_format, torch::MemoryFormat::Contiguous);
  EXPECT_EQ(choose_execution("cpu", Precision::fp32, MemoryFormatOption::channels_last).memory_format,
            torch::MemoryFormat::ChannelsLast);
}

TEST(Execution, InferenceMayChooseAnotherMemoryFormatThanTraining) {
  const auto format = [](Precision precision, MemoryFormatOption wanted, bool fast) {
    return choose_execution("cpu", precision, wanted, fast).for_inference().memory_format;
  };
  constexpr auto kChosen =
      compat::kImagesAreFasterInChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  EXPECT_EQ(format(Precision::fp32, MemoryFormatOption::automatic, true), kChosen);
  EXPECT_EQ(format(Precision::fp32, MemoryFormatOption::automatic, false), torch::MemoryFormat::Contiguous)
      << "only packed weights gain from channels_last";
  EXPECT_EQ(format(Precision::fp32, MemoryFormatOption::contiguous, true), torch::MemoryFormat::Contiguous);
  EXPECT_EQ(format(Precision::fp32, MemoryFormatOption::channels_last, true), torch::MemoryFormat::ChannelsLast);
  EXPECT_EQ(format(Precision::bf16, MemoryFormatOption::automatic, true), torch::MemoryFormat::ChannelsLast);
}

TEST(Execution, Fp16ModelsRunOnACpuButAreNotTrainedThere) {
  const Execution execution = choose_execution("cpu", Precision::fp16);
  EXPECT_EQ(execution.text(), choose_execution("cpu", Precision::automatic).text());
  EXPECT_FALSE(execution.scales_loss);
  const std::string text = error_text(
      ErrorKind::config, [&] { check_precision(Precision::fp16, execution, "my.yaml:3:4: train.precision"); });
  EXPECT_TRUE(contains(text, "my.yaml:3:4: train.precision: got fp16 on cpu")) << text;
  EXPECT_NO_THROW(check_precision(Precision::bf16, execution, ""));
  Execution on_cuda;
  on_cuda.device = torch::Device(torch::kCUDA, 0);
  EXPECT_NO_THROW(check_precision(Precision::fp16, on_cuda, ""));
}

TEST(Execution, AutocastEndsWithItsGuard) {
  const auto x = torch::ones({1, 1, 4, 4});
  const auto weight = torch::ones({1, 1, 1, 1});
  {
    const AutocastGuard guard(choose_execution("cpu", Precision::bf16));
    EXPECT_EQ(torch::conv2d(x, weight).scalar_type(), torch::kBFloat16);
  }
  EXPECT_EQ(torch::conv2d(x, weight).scalar_type(), torch::kFloat);
}

}  // namespace
}  // namespace unet
