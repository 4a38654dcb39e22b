#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/images/image_io.h"
#include "data/images/image_signature.h"
#include "data/images/tiff_pages.h"
#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::set<int> values_of(const cv::Mat& mask) {
  std::set<int> values;
  for (const auto value : cv::Mat_<uint8_t>(mask)) values.insert(value);
  return values;
}

class Predict : public TrainedRun {
 protected:
  std::string out_ = in_folder("out");
  void TearDown() override { fs::remove_all(out_); }
};

TEST_F(Predict, WritesEveryKindOfOutputWithTheImagesSize) {
  const Outcome outcome = run_unet(
      {"predict", run(), data() + "/test/images", "--out", out_, "--save", "mask,index,color,overlay,probabilities"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string stem = fs::directory_iterator(data() + "/test/images")->path().stem().string();
  const std::set<int> codes{0, 85, 170, 255};
  for (const int value : values_of(read_image(out_ + "/mask/" + stem + ".png").pixels))
    EXPECT_EQ(codes.count(value), 1u) << value;
  for (const int value : values_of(read_image(out_ + "/index/" + stem + ".png").pixels)) EXPECT_LT(value, 4);
  EXPECT_EQ(read_image(out_ + "/color/" + stem + ".png").pixels.type(), CV_8UC3);
  EXPECT_EQ(read_image(out_ + "/overlay/" + stem + ".png").pixels.size(), cv::Size(32, 32));
  std::vector<cv::Mat> pages;
  ASSERT_TRUE(cv::imreadmulti(out_ + "/probabilities/" + stem + ".tiff", pages, cv::IMREAD_UNCHANGED));
  ASSERT_EQ(pages.size(), 4u);
  const cv::Mat sum = pages[0] + pages[1] + pages[2] + pages[3];
  EXPECT_LT(cv::norm(sum, cv::Mat(32, 32, CV_32FC1, cv::Scalar(1)), cv::NORM_INF), 1e-5);
}

TEST_F(Predict, TheOldSpellingOfColorIsAcceptedWithANote) {
  const std::string image = fs::directory_iterator(data() + "/test/images")->path().string();
  const Outcome outcome = run_unet({"predict", run(), image, "--out", out_, "--save", "colour,mask"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "note: --save colour")) << outcome.err;
  EXPECT_TRUE(fs::exists(out_ + "/color"));
  EXPECT_FALSE(fs::exists(out_ + "/colour"));
  EXPECT_EQ(run_unet({"predict", run(), image, "--out", out_, "--save", "colour"}).code, 73) << "the picture exists";
}

TEST_F(Predict, ABadFileIsListedAndTheOthersArePredicted) {
  const std::string inputs = in_folder("inputs");
  fs::create_directories(inputs + "/deep/er");
  write_image(inputs + "/a.png", cv::Mat(20, 30, CV_8UC3, cv::Scalar(9, 9, 9)));
  write_image(inputs + "/deep/er/b.png", cv::Mat(1, 1, CV_8UC1, cv::Scalar(9)));
  std::ofstream(inputs + "/deep/broken.png") << "<html>not found</html>";
  const Outcome outcome = run_unet({"predict", run(), inputs, "--recursive", "--out", out_});
  EXPECT_EQ(outcome.code, 65);
  EXPECT_TRUE(contains(outcome.err, "1 of 3 images"));
  EXPECT_TRUE(contains(outcome.err, "broken.png"));
  EXPECT_EQ(read_image(out_ + "/mask/a.png").pixels.size(), cv::Size(30, 20));
  EXPECT_EQ(read_image(out_ + "/mask/deep/er/b.png").pixels.size(), cv::Size(1, 1));
}

/// Writes the images as one stack, and as files of the same pixels.
void write_stack(const std::vector<std::string>& images, const std::string& stack, const std::string& folder) {
  fs::create_directories(folder);
  TiffPages writer(stack);
  for (size_t i = 0; i < images.size(); ++i) {
    const cv::Mat image = read_image(images[i]).pixels;
    writer.add(image);
    write_image(concat(folder, "/", i, ".png"), image);
  }
  writer.finish();
}

std::vector<std::string> sorted_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

TEST_F(Predict, PagesOfAStackArePredictedAsImagesAre) {
  std::vector<std::string> images = sorted_files(data() + "/test/images");
  ASSERT_GE(images.size(), 2u);
  images.resize(2);
  const std::string inputs = in_folder("stack");
  fs::create_directories(inputs);
  write_stack(images, inputs + "/volume.tif", in_folder("single"));
  const std::vector<std::string> save{"--save", "mask,index,color,overlay,probabilities", "--out"};
  const std::vector<std::string> command = add_arguments(add_arguments({"predict", run(), inputs}, save), {out_});
  const Outcome stacked = run_unet(command);
  ASSERT_EQ(stacked.code, 0) << stacked.err;
  EXPECT_TRUE(contains(stacked.err, "1 stack of "));
  ASSERT_EQ(
      run_unet(add_arguments(add_arguments({"predict", run(), in_folder("single")}, save), {in_folder("one")})).code,
      0);
  for (size_t i = 0; i < images.size(); ++i) {
    const int page = static_cast<int>(i);
    const auto single = [&](const char* kind) {
      return read_image(concat(in_folder("one"), "/", kind, "/", i, ".png")).pixels;
    };
    for (const char* kind : {"mask", "index", "color"}) {
      const cv::Mat paged = read_image(out_ + "/" + kind + "/volume.tiff", page).pixels;
      EXPECT_EQ(cv::norm(paged, single(kind), cv::NORM_INF), 0) << kind << " " << i;
    }
    const cv::Mat overlay = read_image(concat(out_, "/overlay/volume_p000", i + 1, ".png")).pixels;
    EXPECT_EQ(cv::norm(overlay, single("overlay"), cv::NORM_INF), 0);
    EXPECT_TRUE(fs::exists(concat(out_, "/probabilities/volume_p000", i + 1, ".tiff")));
  }
  EXPECT_EQ(run_unet(command).code, 73) << "the stack exists";
}

TEST_F(Predict, ThreadsAreSaid) {
  const std::string image = sorted_files(data() + "/test/images").at(0);
  const Outcome outcome = run_unet({"predict", run(), image, "--out", out_, "--threads", "1"});
  EXPECT_TRUE(contains(outcome.err, "1 thread: ")) << outcome.err;
}

TEST_F(Predict, NeighboringPagesAreTakenAsInTraining) {
  const std::string folder = in_folder("volumes");
  fs::create_directories(folder + "/images");
  fs::create_directories(folder + "/masks");
  TiffPages image(folder + "/images/v.tif"), mask(folder + "/masks/v.tif");
  const std::vector<std::string> images = sorted_files(data() + "/train/images"),
                                 masks = sorted_files(data() + "/train/masks");
  for (size_t i = 0; i < images.size(); ++i) {
    image.add(read_image(images[i]).pixels);
    mask.add(read_mask(masks[i]).values);
  }
  image.finish();
  mask.finish();
  const std::string trained = in_folder("neighbors");
  const Outcome train = run_unet(add_arguments(
      {"train", "--data", folder, "--out", trained, "--set", "train.epochs=1", "--set", "data.neighbor_pages=1"},
      tiny_settings()));
  ASSERT_EQ(train.code, 0) << train.err;
  EXPECT_TRUE(contains(file_text(trained + "/config.yaml"), "neighbor_pages: 1"));
  EXPECT_TRUE(contains(file_text(trained + "/config.yaml"), "channels: 9"));
  const Outcome predicted = run_unet({"predict", trained, folder + "/images/v.tif", "--out", out_});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(count_pages(out_ + "/mask/v.tiff"), static_cast<int>(images.size()));
  const Outcome single = run_unet({"predict", trained, images[0], "--out", in_folder("single-page")});
  EXPECT_EQ(single.code, 0) << single.err;
  EXPECT_TRUE(contains(single.err, "data.neighbor_pages"));
  const Outcome evaluated = run_unet({"evaluate", trained, "--data", folder, "--split", "all", "--json"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_TRUE(contains(evaluated.out, concat("\"images\": ", images.size())));
}

TEST_F(Predict, OutputsAreNotOverwrittenUnlessAsked) {
  const std::vector<std::string> arguments{"predict", run(), data() + "/test/images", "--out", out_};
  ASSERT_EQ(run_unet(arguments).code, 0);
  const Outcome refused = run_unet(arguments);
  EXPECT_EQ(refused.code, 73);
  EXPECT_TRUE(contains(refused.err, "already exists. Add --overwrite"));
  EXPECT_EQ(run_unet(add_arguments(arguments, {"--overwrite"})).code, 0);
}

TEST_F(Predict, MissingInputsExitWith66) {
  EXPECT_EQ(run_unet({"predict", in_folder("no-run"), data() + "/test/images", "--out", out_}).code, 66);
  EXPECT_EQ(run_unet({"predict", run(), in_folder("no-images"), "--out", out_}).code, 66);
}

TEST_F(Predict, ADamagedCheckpointExitsWith65) {
  const std::string damaged = in_folder("damaged.safetensors");
  const std::string whole = file_text(run() + "/checkpoints/best.safetensors");
  std::ofstream(damaged, std::ios::binary) << whole.substr(0, whole.size() / 2);
  EXPECT_EQ(run_unet({"predict", damaged, data() + "/test/images", "--out", out_}).code, 65);
}

TEST_F(Predict, OnlyWarningsArePrintedWhenQuiet) {
  const Outcome outcome = run_unet({"-q", "predict", run(), data() + "/test/images", "--out", out_});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  for (const std::string& line : text_lines(outcome.err)) EXPECT_EQ(line.rfind("warning: ", 0), 0u) << line;
}

}  // namespace
}  // namespace unet
