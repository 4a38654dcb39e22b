#include "app/run/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "app/runtime/host.h"
#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

TEST(Host, ReadsAnX86Processor) {
  const Processor processor = parse_processor(
      "processor\t: 0\nmodel\t\t: 143\nmodel name\t: Intel(R) Xeon(R) 8488C\n"
      "flags\t\t: fpu sse2 avx2 avx512f avx512_bf16 amx_bf16 rdseed\n\nprocessor\t: 1\nmodel name\t: other\n");
  EXPECT_EQ(processor.name, "Intel(R) Xeon(R) 8488C");
  EXPECT_EQ(processor.features, (std::vector<std::string>{"avx2", "avx512f", "avx512_bf16", "amx_bf16"}));
}

TEST(Host, ReadsAnArmProcessor) {
  const Processor processor = parse_processor(
      "processor\t: 0\nFeatures\t: fp asimd evtstrm sve bf16 i8mm\nCPU implementer\t: 0x41\n\nModel\t\t: A Board\n");
  EXPECT_EQ(processor.name, "A Board");
  EXPECT_EQ(processor.features, (std::vector<std::string>{"asimd", "sve", "bf16", "i8mm"}));
}

TEST(Host, UnknownFactsAreEmpty) {
  EXPECT_EQ(parse_processor("").name, "");
  EXPECT_TRUE(parse_processor("flags\nmodel name").features.empty());
  EXPECT_EQ(parse_system("NAME=x\n"), "");
}

TEST(Host, ReadsTheNameOfTheSystem) {
  EXPECT_EQ(parse_system("NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
            "Debian GNU/Linux 12 (bookworm)");
}

TEST(Host, ReportsTheMachineAndThreadVariables) {
  ::setenv("OMP_UNET_TEST", "7", 1);
  const auto facts = host_facts();
  ::unsetenv("OMP_UNET_TEST");
  EXPECT_EQ(facts.at("variables").at("OMP_UNET_TEST"), "7");
  EXPECT_GT(facts.at("memory_bytes").get<int64_t>(), int64_t{1} << 20);
  EXPECT_GT(facts.at("processors").get<int>(), 0);
  EXPECT_EQ(facts.at("kernel").get<std::string>().rfind("Linux ", 0), 0u);
}

TEST(Environment, ReportsVersionsDeviceAndBlas) {
  const auto facts = environment(choose_execution("cpu", Precision::bf16));
  for (const char* key : {"program", "commit", "libtorch", "opencv", "compiler", "blas"})
    EXPECT_FALSE(facts.at(key).get<std::string>().empty()) << key;
  EXPECT_FALSE(facts.at("libtorch_vectors").get<std::string>().empty());
  EXPECT_EQ(facts.at("execution"), choose_execution("cpu", Precision::bf16).text());
  EXPECT_EQ(facts.at("device").at("kind"), "cpu");
  EXPECT_GT(facts.at("threads").get<int>(), 0);
  EXPECT_TRUE(facts.at("warned_of_slow_blas").is_boolean());
}

class RecordedStarts : public testing::Test {
 protected:
  nlohmann::json recorded(int64_t step, double run_seconds) {
    record_start(path_, choose_execution("cpu", Precision::fp32), step, run_seconds);
    return nlohmann::json::parse(file_text(path_)).at("starts");
  }

  TempFolder folder_;
  std::string path_ = folder_ / "environment.json";
};

TEST_F(RecordedStarts, AreListedWithTimeAndStep) {
  EXPECT_EQ(recorded(0, 0.5).size(), 1u);
  const auto starts = recorded(12, 3.5);
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].at("step"), 0);
  EXPECT_EQ(starts[1].at("step"), 12);
  EXPECT_EQ(starts[1].at("run_seconds"), 3.5);
  EXPECT_EQ(starts[1].at("libtorch"), starts[0].at("libtorch"));
  const std::regex iso(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)");
  EXPECT_TRUE(std::regex_match(starts[0].at("time").get<std::string>(), iso));
}

TEST_F(RecordedStarts, ReplaceADamagedOrForeignFile) {
  for (const char* text :
       {"", "{\"starts\": [{\"step\"", "[1, 2]", "{\"starts\": 5}", "{\"threads\": 2}", "\xff\xfe"}) {
    std::ofstream(path_) << text;
    EXPECT_EQ(recorded(3, 0).size(), 1u) << text;
  }
}

}  // namespace
}  // namespace unet
