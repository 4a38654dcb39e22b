// Layouts of folders whose files are read, too.

#include <gtest/gtest.h>

#include <filesystem>

#include "data/dataset/open_dataset.h"
#include "data/images/image_signature.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class ReadLayouts : public testing::Test {
 protected:
  ReadLayouts() {
    options_.dir = files_.dir();
    options_.val_fraction = 0;
  }
  DataFiles files_;
  DataOptions options_;
};

TEST_F(ReadLayouts, WhatWasFoundIsADecisionAndStandsInTheOptions) {
  for (const char* stem : {"a", "b"}) {
    files_.add_image(std::string("imgs/") + stem + ".png", files_.noise());
    files_.add_mask(std::string("labels/") + stem + "_mask.png", DataFiles::halves(0, 255));
  }
  files_.add_file("imgs/notes.txt", "hello");
  const Dataset dataset = open_dataset(options_, {1});
  EXPECT_TRUE(dataset.problems.empty());
  EXPECT_EQ(dataset.options.images, "imgs");
  EXPECT_EQ(dataset.options.masks, "labels");
  EXPECT_EQ(dataset.options.mask_suffix, "_mask");
  EXPECT_TRUE(contains(dataset.decisions.front(), "imgs/"));
  EXPECT_TRUE(contains(dataset.decisions.back(), ": 1 (" + files_ / "imgs/notes.txt)"));
  const Dataset again = open_dataset(dataset.options, {1});
  EXPECT_EQ(again.samples.size(), 2u);
  EXPECT_EQ(again.samples[1].name, dataset.samples[1].name);
}

TEST_F(ReadLayouts, ObjectsOfAnImageAreMerged) {
  files_.add_image("a/images/a.png", files_.noise());
  files_.add_image("b/images/b.png", files_.noise());
  cv::Mat left(64, 64, CV_8UC1, cv::Scalar(0)), top = left.clone();
  left.colRange(0, 16) = cv::Scalar(255);
  top.rowRange(0, 16) = cv::Scalar(255);
  files_.add_mask("a/masks/1.png", left);
  files_.add_mask("a/masks/2.png", top);
  files_.add_mask("b/masks/1.png", top);
  const Dataset dataset = open_dataset(options_, {1});
  EXPECT_TRUE(dataset.problems.empty());
  EXPECT_EQ(dataset.scan.value_counts.at(0), (ValueCounts{{0, 48 * 48}, {255, 64 * 64 - 48 * 48}}));
}

TEST_F(ReadLayouts, ColorsHaveTheNamesOfTheTable) {
  cv::Mat mask(64, 64, CV_8UC3, cv::Scalar(128, 0, 0));
  mask.colRange(0, 32) = cv::Scalar(0, 0, 0);
  mask.colRange(32, 40) = cv::Scalar(64, 128, 64);
  files_.add_image("images/a.png", files_.noise());
  files_.add_mask("masks/a_L.png", mask);
  files_.add_image("images/b.png", files_.noise());
  files_.add_mask("masks/b_L.png", mask);
  files_.add_file("label_colors.txt", "64 128 64\tAnimal\n128 0 0\t\tBuilding\r\n0 0 0\t\tVoid\n");
  DataOptions found = open_dataset(options_, {1}).options;
  EXPECT_EQ(found.labels, (LabelClasses{{color_value(64, 128, 64), 0}, {color_value(128, 0, 0), 1}}));
  EXPECT_EQ(found.ignore_values, std::vector<LabelKey>{color_value(0, 0, 0)});
  EXPECT_EQ(found.class_names, (Lines{"Animal", "Building"}));
  EXPECT_EQ(found.class_colors, (Lines{"#408040", "#800000"}));
  std::filesystem::remove(files_ / "label_colors.txt");
  files_.add_file("Class_Dict.csv", "name,r,g,b\nAnimal,64,128,64\nBig Building,128,0,0\nVoid,0,0,0\n");
  found = open_dataset(options_, {1}).options;
  EXPECT_EQ(found.class_names, (Lines{"Animal", "Big Building"}));
  files_.add_file("Class_Dict.csv", "name r g b\nAnimal 64 128 64\nBig Building 128 0 0\nVoid 0 0 0\n");
  found = open_dataset(options_, {1}).options;
  EXPECT_EQ(found.class_names, (Lines{"Animal", "Big Building"}));
  files_.add_file("Class_Dict.csv", "name,r,g,b\nAnimal,64,128,64\nBig,64,128,64\n");
  const Dataset damaged = open_dataset(options_, {1});
  ASSERT_FALSE(damaged.problems.empty());
  EXPECT_TRUE(contains(damaged.problems[0].text, "Class_Dict.csv:3"));
}

TEST_F(ReadLayouts, ATableOfColorsThatDoesNotFitIsNotUsed) {
  files_.add_pair("a", "");
  files_.add_file("label_colors.txt", "64 128 64\tAnimal\n");
  EXPECT_EQ(open_dataset(options_, {1}).options.class_names, (Lines{"background", "foreground"}));
}

TEST_F(ReadLayouts, StacksArePagesOfImageAndMask) {
  std::vector<cv::Mat> pages(12, cv::Mat::zeros(8, 8, CV_32FC1));
  for (const char* folder : {"images", "masks"}) {
    fs::create_directories(files_ / folder);
    write_tiff_pages(files_ / (std::string(folder) + "/volume.tif"), pages);
  }
  SampleList list = list_samples(options_);
  ASSERT_EQ(list.samples.size(), 12u);
  EXPECT_EQ(list.samples[11].name, "volume/0012");
  EXPECT_EQ(std::get<ImagePage>(list.samples[11].image).page, 11);
  EXPECT_EQ(std::get<MaskPage>(list.samples[11].labels).page, 11);
  EXPECT_EQ(list.samples[0].group, "") << "a single stack is divided";
  EXPECT_TRUE(contains(list.decisions.at(0), "1 of 12 pages"));
  for (const char* folder : {"images", "masks"})
    write_tiff_pages(files_ / (std::string(folder) + "/second.tif"), pages);
  list = list_samples(options_);
  EXPECT_EQ(list.samples[0].group, "second");
  pages.pop_back();
  write_tiff_pages(files_ / "masks/second.tif", pages);
  list = list_samples(options_);
  EXPECT_EQ(list.samples.size(), 12u);
  EXPECT_TRUE(contains(list.problems.at(0).text, "second.tif: got 11 pages for an image of 12 pages"));
}

TEST_F(ReadLayouts, PagesAreCountedAsTheReadersCountThem) {
  const cv::Mat frame = cv::Mat::zeros(4, 6, CV_8UC1);
  TiffRecipe recipe;
  recipe.pages = 4;
  recipe.kinds = {0, FILETYPE_REDUCEDIMAGE, FILETYPE_PAGE, FILETYPE_MASK};
  const std::pair<const char*, std::string> stacks[] = {
      {"a.LSM", tiff_file(frame, recipe)},
      {"b.gif", gif_file(6, 4, gif_frame(frame) + gif_frame(frame), "abc")},
      {"c.npy", npy_file("|u1", "(70, 66, 68)", std::string(70 * 66 * 68, '\1'))},
      {"d.npy", npy_file("|u1", "(70, 66, 3)", std::string(70 * 66 * 3, '\1'))},
      {"e.tif", "II*"},
      {"f.gif", "GIF8"},
      {"g.npy", "\x93NUMPY"}};
  for (const auto& [name, bytes] : stacks) {
    files_.add_file(name, bytes);
    const bool is_damaged = bytes.size() < 10;
    EXPECT_EQ(count_pages(files_ / name), is_damaged ? 1 : probe_image(bytes, name).pages) << name;
  }
  for (const char* folder : {"images/", "masks/"})
    for (const size_t i : {0, 1}) files_.add_file(std::string(folder) + stacks[i].first, stacks[i].second);
  EXPECT_EQ(list_samples(options_).samples.size(), 4u);
}

}  // namespace
}  // namespace unet
