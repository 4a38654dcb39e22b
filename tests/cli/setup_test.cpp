// Messages of scripts/setup.sh on systems simulated by fake programs; nothing is installed.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/contains.h"
#include "tests/support/program.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

class Setup : public testing::Test {
 protected:
  void SetUp() override {
    if (run_shell("command -v dpkg").code != 0) GTEST_SKIP() << "dpkg is not installed";
    fake("sudo", "exec \"$@\"");
    fake("update-alternatives", "exit 0");
    fake("nvidia-smi", "exit 9");
    fake("apt-get", "echo \"apt-get $*\"");
    fs::create_directories(folder_ / "pci");
  }

  void fake(const std::string& program, const std::string& body) {
    write("bin/" + program, "#!/bin/sh\n" + body + "\n");
    fs::permissions(folder_ / ("bin/" + program), fs::perms::owner_all);
  }

  /// Simulates a system with all packages except those that match a pattern.
  void simulate_installed(const std::string& except = "*libtorch-cuda-dev") {
    fake("dpkg-query", "case \"$*\" in " + except + ") exit 1 ;; *Version*) echo 2.6.0 ;; *) echo 'ii ' ;; esac");
    fake("apt-cache", "exit 1");
  }

  /// Simulates a system without packages. `versions` are shell patterns with the versions that apt has, e.g.
  /// "libtorch-dev) v=1.8.1 ;; *) v=1 ;;".
  void simulate_not_installed(const std::string& versions) {
    fake("dpkg-query", "exit 1");
    fake("apt-cache", "case $2 in " + versions + " esac; echo \"  Candidate: $v\"");
  }

  void add_pci_device(const std::string& name, const std::string& vendor, const std::string& kind) {
    write("pci/" + name + "/vendor", vendor + "\n");
    write("pci/" + name + "/class", kind + "\n");
  }

  /// Creates a folder that looks like an unpacked LibTorch.
  std::string make_libtorch() {
    write("libtorch/share/cmake/Torch/TorchConfig.cmake", "");
    return folder_ / "libtorch";
  }

  Outcome run_setup(const std::string& arguments = "", const std::string& torch = "") const {
    return run_shell("PATH=" + shell_quoted(folder_ / "bin") +
                     ":$PATH UNET_PCI_DEVICES=" + shell_quoted(folder_ / "pci") + " UNET_TORCH=" + shell_quoted(torch) +
                     " " + shell_quoted(std::string(UNET_SOURCE_DIR) + "/scripts/setup.sh") + " " + arguments);
  }

 private:
  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  TempFolder folder_;
};

TEST_F(Setup, IsSilentIfEverythingIsInstalled) {
  simulate_installed();
  add_pci_device("0", "0x8086", "0x030000");
  add_pci_device("1", "0x10de", "0x040300");  // audio function of a graphics card
  const Outcome setup = run_setup("--tests");
  EXPECT_EQ(setup.code, 0);
  EXPECT_EQ(setup.out + setup.err, "");
}

TEST_F(Setup, TellsHowToUseAnNvidiaCard) {
  simulate_installed();
  add_pci_device("0", "0x8086", "0x030000");
  add_pci_device("1", "0x10de", "0x030000");
  const Outcome setup = run_setup();
  EXPECT_EQ(setup.code, 0);
  EXPECT_TRUE(contains(setup.err, "found an NVIDIA card, but libtorch-dev is CPU-only"));
  EXPECT_TRUE(contains(setup.err, "UNET_TORCH=/path/to/libtorch"));
  EXPECT_FALSE(contains(setup.err, "libtorch-cuda-dev"));
  fake("apt-cache", "echo '  Candidate: 2.6.0'");
  EXPECT_TRUE(contains(run_setup().err, "or: apt-get install libtorch-cuda-dev"));
}

TEST_F(Setup, KeepsALibTorchForCuda) {
  simulate_installed("*libtorch-dev | *python3-torch");
  fake("nvidia-smi", "echo 'GPU 0'");
  const Outcome setup = run_setup("--tests");
  EXPECT_EQ(setup.code, 0);
  EXPECT_EQ(setup.out + setup.err, "");
}

TEST_F(Setup, TrustsTheDriverIfTheBusShowsNoCard) {
  simulate_installed();
  fake("nvidia-smi", "echo 'GPU 0'");
  EXPECT_TRUE(contains(run_setup().err, "found an NVIDIA card"));
}

TEST_F(Setup, DoesNotMentionNvidiaIfALibTorchIsGiven) {
  simulate_installed();
  add_pci_device("0", "0x10de", "0x030000");
  EXPECT_EQ(run_setup("", make_libtorch()).err, "");
}

TEST_F(Setup, NamesTheDisabledComponentOfUbuntu) {
  simulate_not_installed("libjpeg-dev | g++) v=1 ;; *) v='(none)' ;;");
  const Outcome setup = run_setup();
  EXPECT_EQ(setup.code, 1);
  EXPECT_TRUE(contains(setup.err, "libcli11-dev"));
  EXPECT_TRUE(contains(setup.err, "sudo add-apt-repository universe"));
}

TEST_F(Setup, NamesTheZipIfTheDistributionHasNoRecentLibTorch) {
  for (const std::string version : {"(none)", "1.8.1-4"}) {
    simulate_not_installed("libtorch-dev) v='" + version + "' ;; *) v=1 ;;");
    const Outcome setup = run_setup();
    EXPECT_EQ(setup.code, 1);
    EXPECT_TRUE(contains(setup.err, "1.13 or newer is needed. Get the LibTorch zip"));
    EXPECT_TRUE(contains(setup.err, "UNET_TORCH=/path/to/libtorch"));
    EXPECT_FALSE(contains(setup.out + setup.err, "apt-get install"));
  }
}

TEST_F(Setup, DoesNotInstallAPyTorchThatIsTooOld) {
  simulate_not_installed("python3-torch) v=1.8.1-4 ;; *) v=1 ;;");
  const Outcome setup = run_setup("--tests", make_libtorch());
  EXPECT_EQ(setup.code, 0) << setup.err;
  EXPECT_TRUE(contains(setup.err, "this distribution has python3-torch 1.8.1-4; tests that need it will be skipped"));
  EXPECT_TRUE(contains(setup.err, "apt-get install -y -qq --no-install-recommends g++"));
  EXPECT_FALSE(contains(setup.err, "python3-torch python3-numpy"));
}

}  // namespace
}  // namespace unet
