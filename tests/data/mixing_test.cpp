// Rows that take pixels of other samples as they stand: mosaic, cutmix, mixup; and coarse_dropout.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "data/images/image_io.h"
#include "data/samples/joint.h"
#include "data/samples/training_set.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

/// Sample whose values say where they come from: 100000 * label + 100 * y + x (+ 10000 * channel), with one label.
Sample located_sample(cv::Size size, int label, int channels = 1) {
  Sample sample{cv::Mat(size, CV_32FC(channels)), cv::Mat(size, CV_8UC1, cv::Scalar(label))};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      for (int c = 0; c < channels; ++c)
        sample.image.ptr<float>(y)[x * channels + c] = static_cast<float>(100000 * label + 10000 * c + 100 * y + x);
  return sample;
}

/// Expects that each pixel of the image is that of the sample that its label names, at the same place.
void expect_located(const Sample& sample) {
  const int channels = sample.image.channels();
  for (int y = 0; y < sample.mask.rows; ++y)
    for (int x = 0; x < sample.mask.cols; ++x)
      for (int c = 0; c < channels; ++c)
        ASSERT_EQ(sample.image.ptr<float>(y)[x * channels + c],
                  100000 * sample.mask.at<uchar>(y, x) + 10000 * c + 100 * y + x);
}

cv::Rect pixels_of(const Sample& sample, int label) {
  const cv::Mat own = sample.mask == label;
  const cv::Rect box = cv::boundingRect(own);
  EXPECT_EQ(cv::countNonZero(own), box.area()) << "not a rectangle";
  return box;
}

TEST(CutMix, EachPixelIsOfOneOfTheTwoSamplesWithItsLabel) {
  const cv::Size size(50, 40);
  for (const int channels : {1, 3, 7, 64})
    for (uint64_t key = 0; key < 6; ++key) {
      Sample sample = located_sample(size, 1, channels);
      Rng rng(key);
      CutMix().apply(sample, GivenSamples({located_sample(size, 2, channels)}), rng);
      expect_located(sample);
      const cv::Rect part = pixels_of(sample, 2);
      EXPECT_GT(part.area(), 0.08 * size.area());
      EXPECT_LT(part.area(), 0.53 * size.area());
    }
}

TEST(CutMix, TheRectangleHasTheGivenAreaAndAspectAndLiesInside) {
  const auto part = [](double area, double aspect, uint64_t key) {
    CutMix row;
    row.area = {area, area};
    row.aspect = {aspect, aspect};
    Sample sample = located_sample({64, 64}, 1);
    Rng rng(key);
    row.apply(sample, GivenSamples({located_sample({64, 64}, 2)}), rng);
    return pixels_of(sample, 2);
  };
  std::set<std::pair<int, int>> places;
  for (uint64_t key = 0; key < 50; ++key) {
    EXPECT_EQ(part(0.25, 1, key).size(), cv::Size(32, 32));
    EXPECT_EQ(part(0.0625, 4, key).size(), cv::Size(32, 8)) << "256 pixels";
    EXPECT_EQ(part(0.5, 10, key).size(), cv::Size(64, 32)) << "wider than the crop: cut, with the same area";
    EXPECT_EQ(part(0.5, 0.1, key).size(), cv::Size(32, 64));
    EXPECT_EQ(part(1, 2, key).size(), cv::Size(64, 64));
    EXPECT_EQ(part(0, 1, key).size(), cv::Size(1, 1));
    places.insert({part(0.25, 1, key).x, part(0.25, 1, key).y});
  }
  EXPECT_GT(places.size(), 40u);
}

TEST(Mosaic, FourSamplesMeetInARandomCenterAndKeepTheirPlaces) {
  const cv::Size size(40, 60);
  std::map<int, int> own_quadrant;
  for (uint64_t key = 0; key < 400; ++key) {
    Sample sample = located_sample(size, 0);
    const GivenSamples others({located_sample(size, 1), located_sample(size, 2), located_sample(size, 3)});
    Rng rng(key);
    Mosaic().apply(sample, others, rng);
    EXPECT_EQ(others.drawn(), 3);
    expect_located(sample);
    std::set<std::pair<int, int>> corners;
    for (int label = 0; label < 4; ++label) {
      const cv::Rect part = pixels_of(sample, label);
      corners.insert({part.x == 0 ? part.width : part.x, part.y == 0 ? part.height : part.y});
      if (label == 0) ++own_quadrant[(part.x > 0) + 2 * (part.y > 0)];
    }
    ASSERT_EQ(corners.size(), 1u) << "the quadrants do not meet";
    const auto [x, y] = *corners.begin();
    EXPECT_GE(x, 10);
    EXPECT_LE(x, 30);
    EXPECT_GE(y, 15);
    EXPECT_LE(y, 45);
  }
  for (int quadrant = 0; quadrant < 4; ++quadrant) EXPECT_NEAR(own_quadrant[quadrant], 100, 40);
}

TEST(Mosaic, ACenterInACornerLeavesOneSample) {
  Mosaic row;
  row.center = {0, 0};
  Sample sample = located_sample({8, 8}, 0);
  Rng rng(1);
  row.apply(sample, GivenSamples({located_sample({8, 8}, 1)}), rng);
  expect_located(sample);
  EXPECT_EQ(pixels_of(sample, sample.mask.at<uchar>(0, 0)).area(), 64);
}

TEST(Mixup, BlendsImagesAndWeighsPixelsOfOtherClasses) {
  Sample sample = smooth_sample(20, 30, 3), other = smooth_sample(20, 30, 3);
  cv::flip(other.image, other.image, 0);
  cv::flip(other.mask, other.mask, 1);
  sample.mask(cv::Rect(0, 0, 5, 5)) = cv::Scalar(kIgnoreLabel);
  other.mask(cv::Rect(10, 10, 5, 5)) = cv::Scalar(kIgnoreLabel);
  Mixup row;
  row.lambda = {0.7, 0.7};
  Sample mixed{sample.image.clone(), sample.mask.clone()};
  Rng rng(3);
  row.apply(mixed, GivenSamples({other}), rng);
  EXPECT_LT(difference(mixed.image, 0.7 * sample.image + 0.3 * other.image), 1e-6);
  EXPECT_EQ(difference(mixed.mask, sample.mask), 0);
  ASSERT_EQ(mixed.weight.type(), CV_32FC1);
  ASSERT_EQ(mixed.weight.size(), sample.mask.size());
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x)
      ASSERT_EQ(mixed.weight.at<float>(y, x), sample.mask.at<uchar>(y, x) == other.mask.at<uchar>(y, x) ? 1.0f : 0.7f);
}

TEST(Mixup, TheShareIsUniformInItsRange) {
  double low = 1, high = 0, sum = 0;
  for (uint64_t key = 0; key < 1000; ++key) {
    Sample sample{cv::Mat(1, 1, CV_32FC1, cv::Scalar(1)), cv::Mat::zeros(1, 1, CV_8UC1)};
    Rng rng(key);
    const Sample other{cv::Mat::zeros(1, 1, CV_32FC1), cv::Mat::ones(1, 1, CV_8UC1)};
    Mixup().apply(sample, GivenSamples({other}), rng);
    const double share = sample.image.at<float>(0, 0);
    EXPECT_NEAR(sample.weight.at<float>(0, 0), share, 1e-6);
    low = std::min(low, share);
    high = std::max(high, share);
    sum += share;
  }
  EXPECT_NEAR(low, 0.6, 0.005);
  EXPECT_NEAR(high, 0.9, 0.005);
  EXPECT_NEAR(sum / 1000, 0.75, 0.01);
}

TEST(Mixup, AShareBelowOneHalfIsRefused) {
  AugmentOptions options;
  const std::string text = error_text(
      ErrorKind::config, [&] { read_options(parse_yaml("{mixup: {lambda: [0.4, 0.9]}}", "my.yaml"), options); });
  EXPECT_NE(text.find("my.yaml:1:"), std::string::npos) << text;
  EXPECT_NE(text.find("lambda"), std::string::npos) << text;
}

TEST(Mixup, ABatchHasWeightsForEverySampleOrForNone) {
  const TrainingFiles files(4, 24, 24);
  AugmentOptions options = no_augmentation();
  const std::vector<int64_t> positions{0, 1, 2, 3, 4, 5, 6, 7};
  const auto batch = [&](double probability) {
    row_of<Mixup>(options, "mixup").probability = probability;
    return TrainingSet(files.refs(), files.options(24, 24), options, 1).batch(0, {0, 1, 2, 3}, positions);
  };
  const Batch plain = batch(0), some = batch(0.5), all = batch(1);
  EXPECT_FALSE(plain.pixel_weights.defined());
  for (const Batch* mixed : {&some, &all}) {
    ASSERT_EQ(mixed->pixel_weights.sizes(), plain.labels.sizes());
    EXPECT_TRUE(torch::equal(mixed->labels, plain.labels));
    EXPECT_GE(mixed->pixel_weights.min().item<float>(), 0.6f);
    EXPECT_EQ(mixed->pixel_weights.max().item<float>(), 1);
  }
  int blended = 0;
  for (int64_t i = 0; i < 8; ++i) {
    const bool is_blended = !torch::equal(some.images[i], plain.images[i]);
    EXPECT_EQ(some.pixel_weights[i].min().item<float>() < 1, is_blended) << i;
    EXPECT_LT(all.pixel_weights[i].min().item<float>(), 1) << i;
    blended += is_blended;
  }
  EXPECT_GT(blended, 0);
  EXPECT_LT(blended, 8);
}

TEST(OtherSamples, PixelsOfAnImageOfAnotherExposureAreNormalizedByItsOwnStatistics) {
  const TempFolder folder;
  std::vector<SampleRef> refs;
  cv::RNG random(4);
  for (const auto& [name, low, high] : {std::tuple<std::string, int, int>{"pale", 100, 150}, {"full", 0, 256}}) {
    cv::Mat image(24, 24, CV_8UC3);
    random.fill(image, cv::RNG::UNIFORM, low, high);
    write_image(folder / (name + ".png"), image);
    write_image(folder / (name + "_mask.png"), cv::Mat::zeros(24, 24, CV_8UC1));
    refs.push_back({name, ImageFile(folder / (name + ".png")), MaskFile(folder / (name + "_mask.png"))});
  }
  DataOptions data = TrainingFiles(1, 8, 8).options(24, 24);
  data.normalize = Normalize::per_image;
  data.std = {0.2, 0.2, 0.2};
  AugmentOptions options = no_augmentation(), off = no_augmentation();
  row_of<CutMix>(options, "cutmix").probability = 1;
  row_of<CutMix>(options, "cutmix").area = {1, 1};
  const Batch pale_replaced_by_full = TrainingSet(refs, data, options, 1).batch(0, {0, 1}, {0});
  const Batch full = TrainingSet(refs, data, off, 1).batch(0, {0, 1}, {1});
  EXPECT_LT((pale_replaced_by_full.images - full.images).abs().max().item<double>(), 1e-3);
}

TEST(CoarseDropout, FillsSmallRectanglesWithTheMeanColor) {
  const Sample before = smooth_sample(100, 80, 3);
  const cv::Scalar mean = cv::mean(before.image);
  for (const bool ignored : {false, true})
    for (uint64_t key = 0; key < 20; ++key) {
      CoarseDropout row;
      row.count = {10, 10};
      row.size = {0.1, 0.1};
      row.ignore_labels = ignored;
      Sample sample{before.image.clone(), before.mask.clone()};
      Rng rng(key);
      row.apply(sample, GivenSamples({before}), rng);
      int filled = 0;
      for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 80; ++x) {
          const cv::Vec3f value = sample.image.at<cv::Vec3f>(y, x);
          const bool is_hole = value != before.image.at<cv::Vec3f>(y, x);
          filled += is_hole;
          for (int c = 0; is_hole && c < 3; ++c) ASSERT_NEAR(value[c], mean[c], 1e-5);
          ASSERT_EQ(sample.mask.at<uchar>(y, x), is_hole && ignored ? kIgnoreLabel : before.mask.at<uchar>(y, x));
        }
      EXPECT_LE(filled, 10 * 10 * 8);
      EXPECT_GT(filled, 3 * 10 * 8);
    }
}

TEST(CoarseDropout, TheNumberOfRectanglesIsAWholeNumberInItsRange) {
  Rng rng(1);
  std::map<int64_t, int> counts;
  for (int i = 0; i < 4000; ++i) ++counts[whole_number_in({8, 15}, rng)];
  EXPECT_EQ(counts.size(), 8u);
  for (const auto& [number, count] : counts) EXPECT_NEAR(count, 500, 90) << number;
  EXPECT_EQ(counts.begin()->first, 8);
  EXPECT_EQ(counts.rbegin()->first, 15);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(whole_number_in({3, 3}, rng), 3);
    EXPECT_EQ(whole_number_in({1.2, 2.8}, rng), 2);
    EXPECT_EQ(whole_number_in({1.2, 1.8}, rng), 2) << "none in the range";
  }
}

TEST(JointAugmentation, EveryRowWorksWithASingleImage) {
  const TrainingFiles files(1, 40, 40);
  for (const std::string& name : joint_augmentations().names()) {
    const AugmentOptions options = enable_only({name});
    const TrainingSet set(files.refs(), files.options(16, 16), options, 1);
    const Batch batch = set.batch(2, {0}, {0, 1, 2, 3}), again = set.batch(2, {0}, {0, 1, 2, 3});
    EXPECT_TRUE(batch.images.isfinite().all().item<bool>()) << name;
    EXPECT_TRUE((batch.labels < 3).all().item<bool>()) << name;
    EXPECT_TRUE(torch::equal(batch.images, again.images) && torch::equal(batch.labels, again.labels)) << name;
    EXPECT_FALSE(torch::equal(batch.images, set.batch(3, {0}, {0, 1, 2, 3}).images)) << name;
  }
}

}  // namespace
}  // namespace unet
