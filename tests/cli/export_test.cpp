#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

class Export : public TrainedRun {
 protected:
  std::string out_ = in_folder("exported");
  void TearDown() override { fs::remove_all(out_); }

  Outcome run_export(const std::string& format, const std::vector<std::string>& more = {}) {
    return run_unet(add_arguments({"export", run(), "--format", format, "--out", out_}, more));
  }
};

TEST_F(Export, EveryFormatReportsTheLargestDifference) {
  for (const char* format : {"torchscript", "onnx", "state_dict", "safetensors"}) {
    const Outcome outcome = run_export(format, {"--overwrite"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "read back and run 6 times: largest difference "));
    EXPECT_TRUE(fs::exists(out_));
  }
}

TEST_F(Export, PaddingCanBeOmitted) {
  ASSERT_EQ(run_export("onnx").code, 0);
  EXPECT_TRUE(contains(file_text(out_), "pad.shape"));
  for (const char* format : {"torchscript", "state_dict", "safetensors", "onnx"}) {
    const Outcome outcome = run_export(format, {"--overwrite", "--no-padding"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "read back and run 6 times: largest difference "));
  }
  EXPECT_FALSE(contains(file_text(out_), "pad.shape"));
}

TEST_F(Export, RefusedExportsChangeNoFile) {
  EXPECT_EQ(run_export("tflite").code, 2);
  EXPECT_EQ(run_unet({"export", in_folder("absent"), "--format", "onnx", "--out", out_}).code, 66);
  EXPECT_EQ(run_unet({"export", run(), "--format", "onnx", "--out", in_folder("no/such/folder")}).code, 73);
  EXPECT_FALSE(fs::exists(out_));
  std::ofstream(out_) << "mine";
  const Outcome outcome = run_export("onnx");
  EXPECT_EQ(outcome.code, 73);
  EXPECT_TRUE(contains(outcome.err, "already exists. Add --overwrite"));
  EXPECT_EQ(file_text(out_), "mine");
}

TEST_F(Export, ReimportedModelsPredictTheSame) {
  const std::string imported = in_folder("imported.safetensors");
  ASSERT_EQ(run_export("safetensors").code, 0);
  const Outcome outcome = run_unet({"import", out_, "--out", imported});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "inferred: depth 2, 4 to 16 channels"));
  const std::string images = data() + "/test/images";
  ASSERT_EQ(run_unet({"predict", run(), images, "--out", in_folder("before")}).code, 0);
  ASSERT_EQ(run_unet({"predict", imported, images, "--out", in_folder("after")}).code, 0);
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(in_folder("before") + "/mask")) {
    EXPECT_EQ(file_text(entry.path()), file_text(in_folder("after") + "/mask/" + entry.path().filename().string()));
    ++files;
  }
  EXPECT_GT(files, 0u);
  EXPECT_EQ(run_unet({"evaluate", imported, "--data", data(), "--json"}).code, 0);
  EXPECT_EQ(run_unet({"import", out_, "--out", imported}).code, 73);
}

TEST_F(Export, AStateDictIsImportedWithTheGivenNormalization) {
  const std::string imported = in_folder("from-state-dict.safetensors");
  ASSERT_EQ(run_export("state_dict").code, 0);
  const Outcome outcome =
      run_unet({"import", "--mean", "0.5,0.25,0.5", "--std", "1,2,3", out_, "--out", imported, "--overwrite"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "mean [0.5, 0.25, 0.5], std [1, 2, 3], classes class 0, class 1"));
  EXPECT_EQ(run_unet({"import", out_, "--out", imported, "--overwrite", "--mean", "0.5"}).code, 78);
}

TEST_F(Export, ForeignFilesAreNotImported) {
  const std::string file = in_folder("foreign.pth");
  std::ofstream(file) << "<html>not found</html>";
  const Outcome outcome = run_unet({"import", file, "--out", in_folder("never")});
  EXPECT_EQ(outcome.code, 65);
  EXPECT_TRUE(contains(outcome.err, "neither a zip archive nor a pickle"));
  EXPECT_EQ(run_unet({"import", in_folder("absent"), "--out", in_folder("never")}).code, 66);
  EXPECT_FALSE(fs::exists(in_folder("never")));
}

}  // namespace
}  // namespace unet
