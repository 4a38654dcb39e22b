// Images and masks of several pages: in every layout of folders and tables, and with neighboring pages as channels.

#include "data/dataset/layouts/stacks.h"

#include <gtest/gtest.h>

#include "data/dataset/open_dataset.h"
#include "data/dataset/read_sample.h"
#include "data/images/tiff_pages.h"
#include "data/samples/preprocessing.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

class Stacks : public testing::Test {
 protected:
  Stacks() { options_.dir = files_.dir(); }

  /// Writes a stack whose page i has the value 10 * (i + 1) in its first channel, and one more in each further one.
  void add_stack(const std::string& name, int pages, int type = CV_8UC1) const {
    std::filesystem::create_directories(std::filesystem::path(files_ / name).parent_path());
    TiffPages writer(files_ / name);
    for (int i = 0; i < pages; ++i) {
      const double value = 10 * (i + 1);
      writer.add(cv::Mat(24, 32, type, cv::Scalar(value, value + 1, value + 2)));
    }
    writer.finish();
  }

  void add_masks(const std::string& name, int pages) const {
    std::filesystem::create_directories(std::filesystem::path(files_ / name).parent_path());
    TiffPages writer(files_ / name);
    for (int i = 0; i < pages; ++i) writer.add(DataFiles::halves(0, 255, 24, 32));
    writer.finish();
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const SampleRef& sample : list_samples(options_).samples) names.push_back(sample.name);
    return names;
  }

  DataFiles files_;
  DataOptions options_;
};

using Names = std::vector<std::string>;

TEST_F(Stacks, OfATableAreReadPageByPage) {
  add_stack("v.tif", 3);
  add_masks("v_mask.tif", 3);
  files_.add_image("a.png", files_.noise(24, 32, CV_8UC1));
  files_.add_mask("a_mask.png", DataFiles::halves(0, 255, 24, 32));
  files_.add_file("manifest.csv", "image,mask,split,group\nv.tif,v_mask.tif,train,p1\na.png,a_mask.png,val,p2\n");
  EXPECT_EQ(names(), (Names{"v/0001", "v/0002", "v/0003", "a"}));
  const SampleList list = list_samples(options_);
  EXPECT_EQ(list.samples[2].group, "p1");
  EXPECT_EQ(list.samples[2].part, kTrain);
  EXPECT_EQ(std::get<MaskPage>(list.samples[2].labels).page, 2);
  EXPECT_TRUE(open_dataset(options_, {1}).problems.empty());

  add_masks("v_mask.tif", 2);
  const SampleList unequal = list_samples(options_);
  EXPECT_EQ(unequal.samples.size(), 1u);
  ASSERT_EQ(unequal.problems.size(), 1u);
  EXPECT_EQ(unequal.problems[0].kind, FindingKind::size_mismatch);
}

TEST_F(Stacks, OfNnunetAreReadPageByPage) {
  add_stack("imagesTr/v_0000.tif", 3);
  add_masks("labelsTr/v.tif", 3);
  files_.add_file("dataset.json", R"({"channel_names": {"0": "EM"}, "labels": {"background": 0, "cell": 255}})");
  EXPECT_EQ(names(), (Names{"v/0001", "v/0002", "v/0003"}));
  const Dataset dataset = open_dataset(options_, {1});
  EXPECT_EQ(texts_of(dataset.problems), Names{});
  EXPECT_EQ(dataset.options.class_names, (Names{"background", "cell"}));
}

/// First value of each channel of a sample's image.
std::vector<int> channel_values(const SampleRef& sample) {
  std::vector<cv::Mat> channels;
  cv::split(read_sample(sample).image.pixels, channels);
  std::vector<int> values;
  for (const cv::Mat& channel : channels) values.push_back(channel.at<uint8_t>(0, 0));
  return values;
}

TEST_F(Stacks, NeighboringPagesAreChannelsAndTheEndsAreRepeated) {
  add_stack("images/v.tif", 4);
  add_masks("masks/v.tif", 4);
  options_.neighbor_pages = 1;
  const SampleList list = list_samples(options_);
  ASSERT_EQ(list.samples.size(), 4u);
  EXPECT_EQ(channel_values(list.samples[0]), (std::vector<int>{10, 10, 20}));
  EXPECT_EQ(channel_values(list.samples[1]), (std::vector<int>{10, 20, 30}));
  EXPECT_EQ(channel_values(list.samples[3]), (std::vector<int>{30, 40, 40}));
  EXPECT_EQ(list.samples[3].text(), files_ / "images/v.tif page 4");
  EXPECT_EQ(std::get<MaskPage>(list.samples[3].labels).page, 3) << "the mask is that of the page itself";

  options_.neighbor_pages = 3;
  EXPECT_EQ(channel_values(list_samples(options_).samples[0]), (std::vector<int>{10, 10, 10, 10, 20, 30, 40}));
  const Dataset dataset = open_dataset(options_, {2});
  EXPECT_EQ(texts_of(dataset.problems), Names{});
  EXPECT_EQ(dataset.options.channels, 7);
  EXPECT_TRUE(contains(testing::PrintToString(dataset.decisions), "data.neighbor_pages: 3"));
  const Preprocessing preprocessing(dataset.options);
  EXPECT_EQ(preprocessing.load(dataset.samples[0]).image.channels(), 7);
}

TEST_F(Stacks, NeighborsOfColorPagesKeepTheChannelsOfAPageTogether) {
  add_stack("images/v.tif", 2, CV_8UC3);
  add_masks("masks/v.tif", 2);
  options_.neighbor_pages = 1;
  EXPECT_EQ(channel_values(list_samples(options_).samples[0]), (std::vector<int>{10, 11, 12, 10, 11, 12, 20, 21, 22}));
}

TEST_F(Stacks, AnImageOfOnePageIsItsOwnNeighbor) {
  add_stack("images/v.tif", 2);
  add_masks("masks/v.tif", 2);
  files_.add_image("images/single.png", cv::Mat(24, 32, CV_8UC1, cv::Scalar(7)));
  files_.add_mask("masks/single.png", DataFiles::halves(0, 255, 24, 32));
  options_.neighbor_pages = 1;
  const SampleList list = list_samples(options_);
  ASSERT_EQ(list.samples[0].name, "single");
  EXPECT_EQ(channel_values(list.samples[0]), (std::vector<int>{7, 7, 7}));
  EXPECT_EQ(list.samples[0].text(), files_ / "images/single.png");
  EXPECT_TRUE(contains(testing::PrintToString(list.decisions), "1 images of a single page have it 3 times"));
}

TEST_F(Stacks, NeighborsOfPartsInFoldersAreAddedOnce) {
  for (const char* part : {"train/", "val/"}) {
    add_stack(part + std::string("images/v.tif"), 2);
    add_masks(part + std::string("masks/v.tif"), 2);
  }
  options_.neighbor_pages = 1;
  const SampleList list = list_samples(options_);
  ASSERT_EQ(list.samples.size(), 4u);
  EXPECT_EQ(channel_values(list.samples[3]), (std::vector<int>{10, 20, 20}));
}

TEST_F(Stacks, NeighborsThatCannotBeTakenAreRefused) {
  files_.add_pair("a", "");
  options_.neighbor_pages = 1;
  EXPECT_TRUE(contains(error_text(ErrorKind::config, [&] { list_samples(options_); }), "[data.neighbor_pages] got 1"));

  const DataFiles stacks;
  options_.dir = stacks.dir();
  std::filesystem::create_directories(stacks / "images");
  std::filesystem::create_directories(stacks / "masks");
  TiffPages image(stacks / "images/v.tif"), mask(stacks / "masks/v.tif");
  for (const int width : {32, 40}) {
    image.add(cv::Mat(24, width, CV_8UC1, cv::Scalar(1)));
    mask.add(DataFiles::halves(0, 255, 24, width));
  }
  image.finish();
  mask.finish();
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { read_sample(list_samples(options_).samples[0]); }),
                       "data.neighbor_pages: 0"));
  options_.channels = 1;
  EXPECT_TRUE(contains(error_text(ErrorKind::config, [&] { list_samples(options_); }), "multiple of 3"));
}

}  // namespace
}  // namespace unet
