#include "data/synthetic/synthetic.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <opencv2/core.hpp>
#include <set>

#include "data/images/image_io.h"
#include "tests/support/contains.h"
#include "tests/support/equal_images.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::map<int, int64_t> pixels_by_class(const SyntheticOptions& options, int64_t images) {
  std::map<int, int64_t> pixels;
  for (int64_t index = 0; index < images; ++index)
    for (const uchar label : cv::Mat_<uchar>(synthetic_sample(options, index).mask)) ++pixels[label];
  return pixels;
}

TEST(Synthetic, ASampleIsAnRgbImageAndItsMaskOfClassIndices) {
  const Sample sample = synthetic_sample({}, 0);
  EXPECT_EQ(sample.image.type(), CV_8UC3);
  EXPECT_EQ(sample.mask.type(), CV_8UC1);
  EXPECT_EQ(sample.image.size(), cv::Size(128, 128));
  EXPECT_EQ(sample.mask.size(), cv::Size(128, 128));
}

TEST(Synthetic, EqualSeedAndIndexGiveEqualSamplesAndOthersDiffer) {
  SyntheticOptions options, other_seed;
  other_seed.seed = 1;
  const Sample sample = synthetic_sample(options, 3), twin = synthetic_sample(options, 3);
  EXPECT_TRUE(is_same_image(sample.image, twin.image));
  EXPECT_TRUE(is_same_image(sample.mask, twin.mask));
  EXPECT_FALSE(is_same_image(sample.image, synthetic_sample(options, 4).image));
  EXPECT_FALSE(is_same_image(sample.image, synthetic_sample(other_seed, 3).image));
}

TEST(Synthetic, EveryImageHasALargeObject) {
  for (const int64_t size : {64, 128, 256}) {
    SyntheticOptions options;
    options.size = size;
    for (int64_t index = 0; index < 20; ++index)
      EXPECT_GT(cv::countNonZero(synthetic_sample(options, index).mask), size * size / 60) << size << ", " << index;
  }
}

TEST(Synthetic, EveryClassIsWellRepresented) {
  for (int64_t classes = 2; classes <= 5; ++classes) {
    SyntheticOptions options;
    options.classes = classes;
    const int64_t images = 40;
    const auto pixels = pixels_by_class(options, images);
    ASSERT_EQ(static_cast<int64_t>(pixels.size()), classes);
    EXPECT_EQ(pixels.rbegin()->first, classes - 1);
    for (const auto& [label, count] : pixels)
      EXPECT_GT(static_cast<double>(count), 0.03 * 128 * 128 * static_cast<double>(images)) << "class " << label;
  }
}

using Color = std::array<double, 3>;

std::vector<Color> mean_colors(const SyntheticOptions& options, int64_t images) {
  std::vector<Color> sums(static_cast<size_t>(options.classes));
  std::vector<double> pixels(sums.size());
  for (int64_t index = 0; index < images; ++index) {
    const Sample sample = synthetic_sample(options, index);
    for (size_t label = 0; label < sums.size(); ++label) {
      const cv::Mat inside = sample.mask == static_cast<double>(label);
      const double count = cv::countNonZero(inside);
      const cv::Scalar mean = cv::mean(sample.image, inside);
      for (int channel = 0; channel < 3; ++channel) sums[label][static_cast<size_t>(channel)] += mean[channel] * count;
      pixels[label] += count;
    }
  }
  for (size_t label = 0; label < sums.size(); ++label)
    for (double& channel : sums[label]) channel /= pixels[label];
  return sums;
}

size_t nearest_color(const std::vector<Color>& colors, const cv::Vec3b& pixel) {
  size_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t label = 0; label < colors.size(); ++label) {
    double distance = 0;
    for (size_t channel = 0; channel < 3; ++channel) {
      const double step = colors[label][channel] - pixel[static_cast<int>(channel)];
      distance += step * step;
    }
    if (distance < least) {
      least = distance;
      nearest = label;
    }
  }
  return nearest;
}

/// Dice score of classifying pixels by the nearest mean color: mean over the foreground classes, on `images` images.
double color_dice(const SyntheticOptions& options, const std::vector<Color>& colors, int64_t images) {
  std::vector<double> common(colors.size()), total(colors.size());
  for (int64_t index = 0; index < images; ++index) {
    const Sample sample = synthetic_sample(options, index);
    for (int y = 0; y < sample.mask.rows; ++y)
      for (int x = 0; x < sample.mask.cols; ++x) {
        const size_t truth = sample.mask.at<uchar>(y, x);
        const size_t guess = nearest_color(colors, sample.image.at<cv::Vec3b>(y, x));
        common[truth] += guess == truth;
        ++total[truth];
        ++total[guess];
      }
  }
  double sum = 0;
  for (size_t label = 1; label < colors.size(); ++label) sum += 2 * common[label] / total[label];
  return sum / static_cast<double>(colors.size() - 1);
}

TEST(Synthetic, MeanColorDoesNotSeparateTheClasses) {
  for (int64_t classes = 2; classes <= 5; ++classes) {
    SyntheticOptions options;
    options.classes = classes;
    const double dice = color_dice(options, mean_colors(options, 60), 60);
    RecordProperty("dice_" + std::to_string(classes), std::to_string(dice));
    EXPECT_LT(dice, 0.6) << classes << " classes";
  }
}

TEST(Synthetic, ADataSetHasThreePartsWithPairedFiles) {
  const TempFolder folder;
  SyntheticOptions options;
  options.count = 16;
  options.size = 32;
  write_synthetic(options, folder / "set");
  std::map<std::string, size_t> counts;
  std::set<std::string> stems;
  for (const char* part : {"train", "val", "test"})
    for (const auto& image : fs::directory_iterator(folder / "set/" + part + "/images")) {
      ++counts[part];
      EXPECT_TRUE(stems.insert(image.path().stem().string()).second) << image.path();
      EXPECT_TRUE(fs::exists(folder / "set/" + part + "/masks/" + image.path().filename().string()));
    }
  EXPECT_EQ(counts, (std::map<std::string, size_t>{{"train", 12}, {"val", 2}, {"test", 2}}));
}

TEST(Synthetic, FilesHoldTheImageAndEvenlySpacedMaskValues) {
  for (const auto& [classes, step] : std::map<int64_t, int>{{2, 255}, {4, 85}}) {
    const TempFolder folder;
    SyntheticOptions options;
    options.count = 3;
    options.size = 64;
    options.classes = classes;
    write_synthetic(options, folder.path());
    const Sample sample = synthetic_sample(options, 0);
    EXPECT_TRUE(is_same_image(read_image(folder / "train/images/shapes_0000.png").pixels, sample.image));
    EXPECT_TRUE(is_same_image(read_mask(folder / "train/masks/shapes_0000.png").values, sample.mask * step));
  }
}

TEST(Synthetic, ANonEmptyFolderIsRefused) {
  const TempFolder folder;
  fs::create_directory(folder / "mine");
  const std::string text = error_text(ErrorKind::cannot_create, [&folder] { write_synthetic({}, folder.path()); });
  EXPECT_NE(text.find(folder.path()), std::string::npos) << text;
  EXPECT_NE(text.find("expected an empty or a new folder"), std::string::npos) << text;
  EXPECT_FALSE(fs::exists(folder / "train"));
}

TEST(Synthetic, OptionsOutOfRangeAreRefused) {
  const auto refusal = [](const SyntheticOptions& options) {
    return error_text(ErrorKind::usage, [&options] { write_synthetic(options, "/nowhere"); });
  };
  EXPECT_TRUE(contains(refusal({2, 128, 4, 0}), "number of images out of range: got 2, expected 3 to 1000000"));
  EXPECT_TRUE(contains(refusal({64, 31, 4, 0}), "size out of range: got 31, expected 32 to 8192"));
  EXPECT_TRUE(contains(refusal({64, 128, 6, 0}), "number of classes out of range: got 6, expected 2 to 5"));
}

}  // namespace
}  // namespace unet
