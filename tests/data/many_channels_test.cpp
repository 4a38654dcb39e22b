#include "data/samples/many_channels.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>
#include <set>

#include "configs/schema/ignore_label.h"
#include "data/dataset/channels.h"
#include "data/samples/training_set.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

constexpr int kCounts[] = {1, 2, 3, 4, 7, 16, 64};
constexpr int kDepths[] = {CV_8U, CV_16U, CV_32F};

/// Smooth random values; floats lie far outside [0,1].
Sample wide_sample(int depth, int channels, int height = 30, int width = 36) {
  cv::RNG random(5);
  Sample sample{cv::Mat(height, width, CV_MAKETYPE(depth, channels)), cv::Mat(height, width, CV_8UC1)};
  random.fill(sample.mask, cv::RNG::UNIFORM, 0, 4);
  std::vector<cv::Mat> planes;
  for (int c = 0; c < channels; ++c) {
    cv::Mat plane(height, width, CV_32FC1);
    random.fill(plane, cv::RNG::UNIFORM, 0, 1);
    cv::GaussianBlur(plane, plane, {}, 1.5);
    plane.convertTo(plane, depth, depth == CV_8U ? 255 : depth == CV_16U ? 65535 : 2000, depth == CV_32F ? -500 : 0);
    planes.push_back(plane);
  }
  cv::merge(planes, sample.image);
  return sample;
}

DataOptions options_of(const Sample& sample) {
  DataOptions data;
  data.labels = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
  data.channels = sample.image.channels();
  data.size = {sample.image.rows, sample.image.cols};
  for (const ChannelStatistics& channel : statistics_of(sample.image)) {
    data.mean.push_back(channel.mean);
    data.std.push_back(channel.deviation);
    data.min.push_back(sample.image.depth() == CV_32F ? -500 : 0);
    data.max.push_back(sample.image.depth() == CV_32F ? 1500 : 1);
  }
  return data;
}

Sample one_channel(const Sample& sample, int channel) {
  Sample one;
  one.mask = sample.mask;
  cv::extractChannel(sample.image, one.image, channel);
  return one;
}

/// Whether a row gives each of so many channels what it gives a channel alone.
bool is_per_channel(const std::string& name, int channels) {
  static const std::set<std::string> mixing{"hue", "saturation", "channel_shuffle", "channel_drop"};
  static const std::set<std::string> independent{"noise", "poisson_noise", "speckle_noise"};
  static const std::set<std::string> together{"jpeg", "clahe"};
  return mixing.count(name) + independent.count(name) == 0 &&
         !(together.count(name) != 0 && has_color_channels(channels));
}

TEST(ManyChannels, EveryAugmentationGivesEachChannelWhatItGivesItAlone) {
  std::vector<std::string> names = geometric_augmentations().names();
  for (const std::string& name : joint_augmentations().names()) names.push_back(name);
  for (const std::string& name : photometric_augmentations().names()) names.push_back(name);
  for (const int depth : kDepths)
    for (const int channels : kCounts) {
      const Sample sample = wide_sample(depth, channels);
      const DataOptions data = options_of(sample);
      for (const std::string& name : names) {
        SCOPED_TRACE(concat(name, ", depth ", depth, ", ", channels, " channels"));
        const AugmentOptions options = enable_only({name});
        const IntensityScale scale = intensity_scale(data, IntensityUnit::deviation);
        const Sample whole = augment(options, sample, {24, 20}, 3, 1, 2, scale);
        ASSERT_EQ(whole.image.type(), CV_32FC(channels));
        ASSERT_TRUE(cv::checkRange(whole.image.reshape(1)));
        for (const int c : {0, channels / 2, channels - 1}) {
          const auto at = static_cast<size_t>(c);
          const IntensityScale own{{scale.low[at]}, {scale.high[at]}, {scale.unit[at]}};
          const Sample alone = augment(options, one_channel(sample, c), {24, 20}, 3, 1, 2, own);
          EXPECT_EQ(difference(whole.mask, alone.mask), 0);
          if (!is_per_channel(name, channels)) continue;
          EXPECT_LT(difference(one_channel(whole, c).image, alone.image), 1e-5 * (own.high[0] - own.low[0])) << c;
        }
      }
    }
}

TEST(ManyChannels, PreprocessingTakesAnyChannelsAndDepths) {
  for (const int depth : kDepths)
    for (const int channels : kCounts) {
      const Sample sample = wide_sample(depth, channels);
      DataOptions data = options_of(sample);
      const torch::Tensor tensor = Preprocessing(data).to_tensor(sample.image);
      ASSERT_EQ(tensor.sizes(), (std::vector<int64_t>{1, channels, 30, 36}));
      EXPECT_LT(tensor.mean({2, 3}).abs().max().item<double>(), 1e-3);
      EXPECT_LT((tensor.std({2, 3}, false) - 1).abs().max().item<double>(), 1e-3);
      data.size_policy = SizePolicy::resize;
      for (const std::vector<int64_t>& size : {std::vector<int64_t>{10, 12}, {20, 30}, {64, 40}}) {
        data.size = size;
        const torch::Tensor small = Preprocessing(data).to_tensor(sample.image);
        ASSERT_EQ(small.sizes(), (std::vector<int64_t>{1, channels, size[0], size[1]}));
        EXPECT_TRUE(small.isfinite().all().item<bool>());
      }
      EXPECT_EQ(resized(sample, {15, 15}).image.type(), sample.image.type());
    }
}

TEST(ManyChannels, ATrainingSetOfChannelFilesGivesTheSameBatchesWithAndWithoutItsCache) {
  const TempFolder folder;
  const Sample sample = wide_sample(CV_16U, 7);
  ImageChannels files;
  for (int c = 0; c < 7; ++c) {
    files.paths.push_back(folder / concat("c", c, ".png"));
    write_image(files.paths.back(), one_channel(sample, c).image);
  }
  write_image(folder / "mask.png", sample.mask);
  const SampleRef ref{"a", files, MaskFile(folder / "mask.png")};
  DataOptions data = options_of(sample), uncached = data;
  data.size = uncached.size = {16, 16};
  uncached.cache_mb = 0;
  AugmentOptions options = enable_only({"horizontal_flip", "rotation", "brightness", "gamma", "noise", "cutout"});
  const TrainingSet set({ref}, data, options, 1), other({ref}, uncached, options, 1);
  const Batch first = set.batch(0, {0}, {0, 1});
  ASSERT_EQ(first.images.sizes(), (std::vector<int64_t>{2, 7, 16, 16}));
  EXPECT_TRUE(torch::equal(set.batch(0, {0}, {0, 1}).images, first.images));
  EXPECT_TRUE(torch::equal(other.batch(0, {0}, {0, 1}).images, first.images));
  EXPECT_LT(first.images.abs().max().item<double>(), 20);
}

TEST(ManyChannels, PixelsWithoutANumberGetTheMeanAndAreIgnored) {
  const TempFolder folder;
  Sample sample = wide_sample(CV_32F, 7);
  const DataOptions data = options_of(sample);
  sample.image.ptr<float>(4)[7 * 5 + 3] = std::numeric_limits<float>::quiet_NaN();
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  write_bytes(folder / "a.tif", tiff_file(sample.image, recipe));
  write_image(folder / "m.png", sample.mask);
  const Preprocessing preprocessing(data);
  const Sample loaded = preprocessing.load({"a", ImageFile(folder / "a.tif"), MaskFile(folder / "m.png")});
  ASSERT_EQ(loaded.image.type(), CV_32FC(7));
  EXPECT_TRUE(cv::checkRange(loaded.image.reshape(1)));
  for (int c = 0; c < 7; ++c)
    EXPECT_FLOAT_EQ(loaded.image.ptr<float>(4)[7 * 5 + c], static_cast<float>(data.mean[static_cast<size_t>(c)]));
  EXPECT_EQ(loaded.mask.at<uint8_t>(4, 5), kIgnoreLabel);
  EXPECT_TRUE(preprocessing.to_tensor(loaded.image).isfinite().all().item<bool>());
}

TEST(ManyChannels, UpToFourChannelsAreChangedByOpenCvAtOnce) {
  const cv::Mat three = wide_sample(CV_8U, 3).image, seven = wide_sample(CV_8U, 7).image;
  std::vector<int> seen;
  const auto note = [&](const cv::Mat& group) {
    seen.push_back(group.channels());
    return group;
  };
  EXPECT_EQ(by_channel_groups(three, note).data, three.data);
  EXPECT_EQ(cv::norm(by_channel_groups(seven, note), seven, cv::NORM_INF), 0);
  EXPECT_EQ(seen, (std::vector<int>{3, 4, 3}));
}

TEST(ManyChannels, ColorsAreChangedTogetherAndOtherChannelsAlone) {
  std::vector<int> seen;
  const auto note = [&](const cv::Mat& group) {
    seen.push_back(group.channels());
    return group;
  };
  for (const int channels : {1, 2, 3, 4, 5}) {
    const cv::Mat image = wide_sample(CV_32F, channels).image;
    EXPECT_EQ(cv::norm(by_colors(image, note), image, cv::NORM_INF), 0) << channels;
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1}));
}

cv::Mat numbered(int channels) {
  std::vector<cv::Mat> planes;
  for (int c = 0; c < channels; ++c) planes.emplace_back(2, 2, CV_8UC1, cv::Scalar(10.0 * c + 10));
  cv::Mat image;
  cv::merge(planes, image);
  return image;
}

TEST(Channels, OthersThanInTrainingAreRefusedWithTheOptionThatMapsThem) {
  const auto refusal = [](int stored, int64_t wanted, FourthChannel fourth = FourthChannel::automatic) {
    return error_text(ErrorKind::data, [&] { convert_channels({numbered(stored)}, wanted, fourth, {}, "a.tif"); });
  };
  EXPECT_EQ(refusal(4, 3),
            "a.tif: got an image of 4 channels, expected 3 as in training. To choose among the stored channels, which "
            "count from 0, add --channels, e.g. --channels 0,1,2");
  EXPECT_NE(refusal(3, 7).find("--channels 0,1,2,2,2,2,2"), std::string::npos) << refusal(3, 7);
  EXPECT_NE(refusal(3, 4, FourthChannel::band).find("got an image of 3 channels, expected 4"), std::string::npos);
  EXPECT_NO_THROW(convert_channels({numbered(3)}, 4, FourthChannel::alpha, {}, "a.tif"));
}

TEST(Channels, ASelectionTakesStoredChannelsInAnyOrder) {
  const auto pixel = [](const std::string& text) {
    const auto selection = parse_channel_selection(text);
    const cv::Mat image = convert_channels({numbered(5)}, static_cast<int64_t>(selection.size()),
                                           FourthChannel::automatic, selection, "a.tif");
    std::vector<int> values;
    for (int c = 0; c < image.channels(); ++c) values.push_back(image.ptr<uint8_t>(0)[c]);
    return values;
  };
  EXPECT_EQ(pixel("0,1,2"), (std::vector<int>{10, 20, 30}));
  EXPECT_EQ(pixel("4"), (std::vector<int>{50}));
  EXPECT_EQ(pixel("3,0,0,opaque"), (std::vector<int>{40, 10, 10, 255}));
  EXPECT_NE(error_text(ErrorKind::data, [&] { pixel("0,5"); }).find("names channel 5 (the first is 0)"),
            std::string::npos);
  for (const char* bad : {"", "a", "0,,1", "-1", "1 2"})
    EXPECT_NE(error_text(ErrorKind::usage, [&] { parse_channel_selection(bad); }).find("--channels: got"),
              std::string::npos)
        << bad;
}

TEST(Channels, AlphaBesideMoreThanThreeChannelsIsLeftOut) {
  const Image image{numbered(6), true};
  EXPECT_EQ(convert_channels(image, 5, FourthChannel::automatic, {}, "a.tif").channels(), 5);
  const Image rgba{numbered(4), true};
  EXPECT_NE(error_text(ErrorKind::data, [&] { convert_channels(rgba, 4, FourthChannel::band, {}, "a.tif"); })
                .find("and alpha"),
            std::string::npos);
}

}  // namespace
}  // namespace unet
