// Which images evaluate takes, and what it calls them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "data/images/image_io.h"
#include "data/images/tiff_pages.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/file_text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A model trained on a folder that is divided by fraction: 16 images, some of them for validation.
class Evaluate : public TrainedRun {
 protected:
  static void SetUpTestSuite() {
    TrainedRun::SetUpTestSuite();
    copy_flat(plain(), "images", "masks");
    const Outcome outcome = run_unet(
        add_arguments({"train", "--data", plain(), "--out", plain_run(), "--set", "train.epochs=1"}, tiny_settings()));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }

  static std::string plain() { return in_folder("plain"); }
  static std::string plain_run() { return in_folder("plain-run"); }

  /// The training images of the made-up data, without folders for parts.
  static void copy_flat(const std::string& to, const std::string& images, const std::string& masks) {
    fs::create_directories(to);
    fs::copy(data() + "/train/images", to + "/" + images, fs::copy_options::recursive);
    fs::copy(data() + "/train/masks", to + "/" + masks, fs::copy_options::recursive);
  }

  static size_t all_images() {
    return static_cast<size_t>(std::distance(fs::directory_iterator(plain() + "/images"), fs::directory_iterator()));
  }

  static nlohmann::json scores(const std::vector<std::string>& arguments) {
    const Outcome outcome = run_unet(add_arguments(arguments, {"--json"}));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }
};

TEST_F(Evaluate, TheFolderOfTheTrainingHasItsValidationPart) {
  const auto json = scores({"evaluate", plain_run(), "--data", plain()});
  EXPECT_EQ(json["split"], "val");
  EXPECT_LT(json["images"], all_images());
}

TEST_F(Evaluate, AStackScoresAsItsPagesDo) {
  const std::string pages = in_folder("pages"), stack = in_folder("stack");
  copy_flat(pages, "images", "masks");
  fs::create_directories(stack + "/images");
  fs::create_directories(stack + "/masks");
  TiffPages images(stack + "/images/v.tif"), masks(stack + "/masks/v.tif");
  for (const auto& entry : fs::directory_iterator(pages + "/images")) {
    images.add(read_image(entry.path().string()).pixels);
    masks.add(read_mask(pages + "/masks/" + entry.path().filename().string()).values);
  }
  images.finish();
  masks.finish();
  EXPECT_EQ(scores({"evaluate", plain_run(), "--data", stack, "--split", "all"}),
            scores({"evaluate", plain_run(), "--data", pages, "--split", "all"}));
}

TEST_F(Evaluate, MetricsAreComputedWhereTheyAreAskedFor) {
  const auto plain_scores = scores({"evaluate", plain_run(), "--data", plain()});
  const auto some = scores({"evaluate", plain_run(), "--data", plain(), "--metrics", "hausdorff_95,calibration_error"});
  for (const char* key : {"mean_hausdorff_95", "mean_foreground_hausdorff_95", "calibration_error", "temperature"}) {
    EXPECT_TRUE(some.contains(key)) << key;
    EXPECT_FALSE(plain_scores.contains(key)) << key;
  }
  EXPECT_FALSE(some.contains("mean_boundary_f1"));
  EXPECT_EQ(some["mean_iou"], plain_scores["mean_iou"]);
  EXPECT_TRUE(some["classes"][0].contains("hausdorff_95_undefined_images"));
  EXPECT_EQ(some.contains("uncalibrated"), some["temperature"] != 1);
  const auto all = scores({"evaluate", plain_run(), "--data", plain(), "--metrics", "all"});
  for (const char* key : {"mean_boundary_f1", "mean_instance_ap50", "mean_foreground_panoptic_quality",
                          "mean_centerline_dice", "calibration_error"})
    EXPECT_TRUE(all.contains(key)) << key;
  EXPECT_EQ(all["mean_hausdorff_95"], some["mean_hausdorff_95"]);
}

TEST_F(Evaluate, MetricsAreInTheTableAndAnUnknownOneIsRefused) {
  const Outcome table = run_unet({"evaluate", plain_run(), "--data", plain(), "--metrics", "all"});
  for (const char* heading : {"bound.F1", "HD95", "AP50", "PQ", "clDice", "calibration error"})
    EXPECT_TRUE(contains(table.out, heading)) << table.out;
  const Outcome unknown = run_unet({"evaluate", plain_run(), "--data", plain(), "--metrics", "hausdorf_95"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "Did you mean 'hausdorff_95'?")) << unknown.err;
}

TEST_F(Evaluate, ThreadsAreSaid) {
  const Outcome outcome = run_unet({"evaluate", plain_run(), "--data", plain(), "--threads", "1", "--json"});
  EXPECT_TRUE(contains(outcome.err, "1 thread: ")) << outcome.err;
}

TEST_F(Evaluate, ImagesThatWereAddedSinceTheTrainingAreSaid) {
  EXPECT_TRUE(contains(file_text(plain_run() + "/config.yaml"), "split_by: rank"));
  EXPECT_FALSE(contains(run_unet({"evaluate", plain_run(), "--data", plain()}).err, "have changed"));
  const auto name = fs::directory_iterator(plain() + "/images")->path().filename().string();
  for (const char* folder : {"/images/", "/masks/"})
    fs::copy_file(plain() + folder + name, plain() + folder + "added.png");
  const Outcome outcome = run_unet({"evaluate", plain_run(), "--data", plain()});
  for (const char* folder : {"/images/", "/masks/"}) fs::remove(plain() + folder + "added.png");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "the data have changed since the training"));
}

TEST_F(Evaluate, AnotherFolderIsTakenWholeIfTheTrainingHadAList) {
  const std::string listed = in_folder("listed"), other = in_folder("unlisted"), run = in_folder("listed-run");
  for (const std::string& folder : {listed, other}) copy_flat(folder, "images", "masks");
  std::ofstream(listed + "/test.txt") << fs::directory_iterator(listed + "/images")->path().filename().string();
  const Outcome trained = run_unet(add_arguments(
      {"train", "--data", listed, "--out", run, "--set", "train.epochs=1", "--set", "data.test_list=test.txt"},
      tiny_settings()));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(scores({"evaluate", run, "--data", listed, "--split", "test"})["images"], 1);
  const auto json = scores({"evaluate", run, "--data", other});
  EXPECT_EQ(json["split"], "all");
  EXPECT_EQ(json["images"], all_images());
}

TEST_F(Evaluate, ACopyOfTheDataIsTheSameData) {
  const std::string copy = in_folder("copy"), checkpoint = in_folder("moved.safetensors");
  fs::copy(plain(), copy, fs::copy_options::recursive);
  fs::copy_file(plain_run() + "/checkpoints/last.safetensors", checkpoint);
  EXPECT_EQ(scores({"evaluate", checkpoint, "--data", copy})["split"], "val");
}

TEST_F(Evaluate, AnotherFolderIsTakenWhole) {
  const std::string other = in_folder("other");
  copy_flat(other, "images", "masks");
  const auto victim = fs::directory_iterator(other + "/images")->path().filename();
  write_image(other + "/images/" + victim.string(), cv::Mat(32, 32, CV_8UC3, cv::Scalar(1, 2, 3)));
  const auto json = scores({"evaluate", plain_run(), "--data", other});
  EXPECT_EQ(json["split"], "all");
  EXPECT_EQ(json["images"], all_images());
  const Outcome asked = run_unet({"evaluate", plain_run(), "--data", other, "--split", "test"});
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_TRUE(contains(asked.out, "images (all of "));
  EXPECT_TRUE(contains(asked.err, "warning: " + other + ": has no part 'test': all "));
}

TEST_F(Evaluate, APartThatIsMissingIsNeverTheWholeSetByItsName) {
  const Outcome outcome = run_unet({"evaluate", plain_run(), "--data", plain(), "--split", "test"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "images (all of "));
  EXPECT_TRUE(contains(outcome.err, "has no part 'test'"));
  EXPECT_TRUE(contains(outcome.err, "those of the training among them"));
}

TEST_F(Evaluate, AMissingPartOfFoldersIsRefusedWithThoseThatThereAre) {
  const std::string halves = in_folder("halves");
  fs::create_directories(halves);
  for (const char* part : {"train", "val"})
    fs::copy(data() + "/" + part, halves + "/" + part, fs::copy_options::recursive);
  const Outcome outcome = run_unet({"evaluate", run(), "--data", halves, "--split", "test"});
  EXPECT_EQ(outcome.code, 65) << outcome.out;
  EXPECT_TRUE(contains(outcome.err, "no images in the part 'test'"));
  EXPECT_TRUE(contains(outcome.err, "train (18), val (3)"));
}

TEST_F(Evaluate, TakesOptionsOfTheLayout) {
  const std::string renamed = in_folder("renamed");
  copy_flat(renamed, "photos", "truth");
  const auto json = scores({"evaluate", plain_run(), "--data", renamed, "--split", "all", "--set", "data.images=photos",
                            "--set", "data.masks=truth"});
  EXPECT_EQ(json["images"], all_images());
  for (const char* setting : {"train.lr=1", "data.mean=[0, 0, 0]", "data.channels=1"}) {
    const Outcome outcome = run_unet({"evaluate", plain_run(), "--data", plain(), "--set", setting});
    EXPECT_EQ(outcome.code, 2) << setting;
    EXPECT_TRUE(contains(outcome.err, "cannot be changed after the training"));
  }
  const Outcome labels = run_unet({"evaluate", plain_run(), "--data", plain(), "--set", "data.labels={0:0,85:1}"});
  EXPECT_EQ(labels.code, 78) << labels.err;
  EXPECT_TRUE(contains(labels.err, "data.labels: got 2 classes, but the model has 4"));
}

}  // namespace
}  // namespace unet
