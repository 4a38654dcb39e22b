#include "data/samples/preprocessing.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "data/dataset/open_dataset.h"
#include "data/images/image_io.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

DataOptions resolved_options(int64_t channels) {
  DataOptions options;
  options.labels = {{0, 0}, {255, 1}};
  options.channels = channels;
  options.size = {32, 48};
  options.mean.assign(static_cast<size_t>(channels), 0);
  options.std.assign(static_cast<size_t>(channels), 1);
  return options;
}

TEST(Preprocessing, SixteenBitsAreScaledBy65535AndEightBy255) {
  EXPECT_FLOAT_EQ(Preprocessing::to_float(cv::Mat(1, 1, CV_16UC1, cv::Scalar(65535))).at<float>(0), 1);
  EXPECT_FLOAT_EQ(Preprocessing::to_float(cv::Mat(1, 1, CV_16UC1, cv::Scalar(255))).at<float>(0), 255.0f / 65535);
  EXPECT_FLOAT_EQ(Preprocessing::to_float(cv::Mat(1, 1, CV_8UC1, cv::Scalar(51))).at<float>(0), 0.2f);
  EXPECT_FLOAT_EQ(Preprocessing::to_float(cv::Mat(1, 1, CV_32FC1, cv::Scalar(0.3))).at<float>(0), 0.3f);
}

TEST(Preprocessing, ATensorHoldsNormalizedPlanes) {
  DataOptions options = resolved_options(3);
  options.mean = {0.1, 0.2, 0.3};
  options.std = {0.5, 1, 2};
  cv::Mat wide(3, 9, CV_8UC3);
  cv::randu(wide, 0, 256);
  const cv::Mat image = wide(cv::Rect(2, 1, 5, 2));  // rows are not contiguous in memory
  const torch::Tensor tensor = Preprocessing(options).to_tensor(image);
  ASSERT_EQ(tensor.sizes(), (std::vector<int64_t>{1, 3, 2, 5}));
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 5; ++x) {
        const auto i = static_cast<size_t>(c);
        const double expected = (image.at<cv::Vec3b>(y, x)[c] / 255.0 - options.mean[i]) / options.std[i];
        EXPECT_NEAR(tensor[0][c][y][x].item<float>(), expected, 1e-5);
      }
}

TEST(Preprocessing, ImagesKeepTheirSizeExceptUnderResize) {
  DataOptions options = resolved_options(1);
  const cv::Mat image = cv::Mat::zeros(10, 20, CV_8UC1);
  for (const std::string policy : {"crop", "pad"}) {
    options.size_policy = enum_value<SizePolicy>(policy);
    EXPECT_EQ(Preprocessing(options).to_tensor(image).sizes(), (std::vector<int64_t>{1, 1, 10, 20}));
  }
  options.size_policy = SizePolicy::resize;
  EXPECT_EQ(Preprocessing(options).network_size({20, 10}), cv::Size(48, 32));
  EXPECT_EQ(Preprocessing(options).to_tensor(image).sizes(), (std::vector<int64_t>{1, 1, 32, 48}));
}

TEST(Preprocessing, ImagesGetTheChannelsOfTheNetwork) {
  const TempFolder folder;
  const std::string gray = folder / "gray.png", color = folder / "color.png", alpha = folder / "alpha.png";
  write_image(gray, cv::Mat(2, 2, CV_16UC1, cv::Scalar(1000)));
  write_image(color, cv::Mat(2, 2, CV_8UC3, cv::Scalar(255, 0, 0)));
  write_image(alpha, cv::Mat(2, 2, CV_8UC4, cv::Scalar(1, 2, 3, 4)));
  const Preprocessing one(resolved_options(1)), three(resolved_options(3)), four(resolved_options(4));
  EXPECT_EQ(three.load_image(ImageFile(gray)).at<cv::Vec3w>(0, 0), cv::Vec3w(1000, 1000, 1000));
  EXPECT_EQ(four.load_image(ImageFile(gray)).at<cv::Vec4w>(0, 0), cv::Vec4w(1000, 1000, 1000, 65535));
  EXPECT_EQ(one.load_image(ImageFile(color)).at<uint8_t>(0, 0), 76) << "luma of red";
  EXPECT_EQ(four.load_image(ImageFile(color)).at<cv::Vec4b>(0, 0), cv::Vec4b(255, 0, 0, 255));
  EXPECT_EQ(three.load_image(ImageFile(alpha)).at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
  EXPECT_EQ(one.load_image(ImageFile(alpha)).channels(), 1);
}

TEST(Preprocessing, ImageAndMaskBecomeASampleOfClasses) {
  const TempFolder folder;
  const std::string image = folder / "a.png", mask = folder / "m.png";
  const SampleRef ref{"a", ImageFile(image), MaskFile(mask)};
  write_image(image, cv::Mat(1, 2, CV_8UC3, cv::Scalar(1, 2, 3)));
  write_image(mask, (cv::Mat_<uint8_t>(1, 2) << 0, 255));
  const Sample sample = Preprocessing(resolved_options(3)).load(ref);
  EXPECT_EQ(sample.mask.at<uint8_t>(0, 0), 0);
  EXPECT_EQ(sample.mask.at<uint8_t>(0, 1), 1);
  write_image(mask, (cv::Mat_<uint8_t>(1, 2) << 0, 77));
  const auto load = [&] { return error_text(ErrorKind::data, [&] { Preprocessing(resolved_options(3)).load(ref); }); };
  EXPECT_NE(load().find("m.png: got mask value 77 (1 pixels), expected keys of data.labels"), std::string::npos)
      << load();
  write_image(mask, cv::Mat::zeros(3, 3, CV_8UC1));
  EXPECT_NE(load().find("got a mask of 3x3 pixels for an image of 2x1"), std::string::npos) << load();
}

TEST(Preprocessing, ResizingAddsNoMaskValues) {
  Sample sample{cv::Mat::zeros(16, 16, CV_8UC3), cv::Mat::zeros(16, 16, CV_8UC1)};
  sample.mask(cv::Rect(3, 5, 7, 6)).setTo(200);
  for (const cv::Size size : {cv::Size(5, 7), cv::Size(31, 40), cv::Size(16, 16)}) {
    const Sample out = resized(sample, size);
    EXPECT_EQ(out.image.size(), size);
    EXPECT_EQ(out.mask.size(), size);
    EXPECT_EQ(cv::countNonZero(out.mask == 0) + cv::countNonZero(out.mask == 200), size.area());
    EXPECT_GT(cv::countNonZero(out.mask), 0);
  }
}

TEST(Preprocessing, ShrinkingAveragesTheImage) {
  const cv::Mat stripes = (cv::Mat_<uint8_t>(2, 4) << 0, 100, 0, 100, 0, 100, 0, 100);
  const Sample out = resized({stripes, cv::Mat::zeros(2, 4, CV_8UC1)}, {2, 1});
  EXPECT_EQ(out.image.at<uint8_t>(0, 0), 50);
  EXPECT_EQ(out.image.at<uint8_t>(0, 1), 50);
}

TEST(Preprocessing, UnresolvedOptionsAreRefused) {
  DataOptions options = resolved_options(3);
  options.mean.clear();
  EXPECT_NE(config_error([&] { Preprocessing{options}; }).find("[data.mean] got 0 values, expected 3"),
            std::string::npos);
  options = resolved_options(3);
  options.channels.reset();
  EXPECT_NE(config_error([&] { Preprocessing{options}; }).find("[data.channels] got 0"), std::string::npos);
}

struct RealSet {
  const char* name;
  size_t images;
  std::vector<int64_t> ignored;
  LabelClasses labels;
  int64_t channels;
};

class RealData : public testing::TestWithParam<RealSet> {};

TEST_P(RealData, IsReadWithDefaultOptions) {
  const char* variable = std::getenv("UNET_DATASETS");
  const std::string root = variable != nullptr ? variable : UNET_SOURCE_DIR "/../shared/datasets";
  DataOptions options;
  options.dir = root + "/" + GetParam().name;
  if (!std::filesystem::is_directory(options.dir)) GTEST_SKIP() << "no data set at " << options.dir;
  options.ignore_values = {GetParam().ignored.begin(), GetParam().ignored.end()};
  const Dataset dataset = open_dataset(options, {2});
  EXPECT_TRUE(dataset.problems.empty()) << dataset.problems.front().text;
  EXPECT_EQ(dataset.samples.size(), GetParam().images);
  EXPECT_EQ(dataset.options.labels, GetParam().labels);
  EXPECT_EQ(dataset.options.channels, GetParam().channels);
  const Preprocessing preprocessing(dataset.options);
  const Sample sample = preprocessing.load(dataset.samples.front());
  EXPECT_EQ(preprocessing.to_tensor(sample.image).size(1), GetParam().channels);
}

LabelClasses indices(int64_t count) {
  LabelClasses labels;
  for (int64_t i = 0; i < count; ++i) labels[i] = i;
  return labels;
}

INSTANTIATE_TEST_SUITE_P(Sets, RealData,
                         testing::Values(RealSet{"membrane", 30, {}, {{0, 0}, {255, 1}}, 1},
                                         RealSet{"dsb2018", 330, {}, {{0, 0}, {255, 1}}, 3},
                                         RealSet{"wbc1", 300, {}, {{0, 0}, {128, 1}, {255, 2}}, 3},
                                         RealSet{"camvid", 468, {11}, indices(11), 3}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace unet
