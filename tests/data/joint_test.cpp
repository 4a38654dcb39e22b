#include "data/samples/joint.h"

#include <gtest/gtest.h>

#include "configs/schema/ignore_label.h"
#include "configs/schema/reader.h"
#include "data/samples/training_set.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

AugmentOptions cutout_only(const std::string& settings) {
  AugmentOptions options = no_augmentation();
  read_options(parse_yaml("cutout: {probability: 1, " + settings + "}", "test"), options);
  return options;
}

/// Mask that is 255 where two images differ.
cv::Mat changed_pixels(const cv::Mat& before, const cv::Mat& after) {
  cv::Mat different = before != after, changed;
  cv::transform(different, changed, cv::Matx13f(1, 1, 1));
  return changed > 0;
}

TEST(Cutout, ARectangleGetsTheMeanColorAndKeepsItsLabels) {
  const Sample sample = smooth_sample(40, 60, 3);
  const Sample plain = augment(no_augmentation(), sample, {60, 40}, 1, 0, 0);
  for (int64_t position = 0; position < 50; ++position) {
    const Sample cut = augment(cutout_only("size: [0.25, 0.25]"), sample, {60, 40}, 1, 0, position);
    const cv::Rect hole = cv::boundingRect(changed_pixels(plain.image, cut.image));
    ASSERT_GT(hole.area(), 0) << position;
    EXPECT_LE(hole.width, 15);
    EXPECT_LE(hole.height, 10);
    cv::Scalar mean, deviation;
    cv::meanStdDev(cut.image(hole), mean, deviation);
    for (int c = 0; c < 3; ++c) {
      EXPECT_NEAR(mean[c], cv::mean(plain.image)[c], 1e-5);
      EXPECT_NEAR(deviation[c], 0, 1e-5);
    }
    EXPECT_EQ(difference(plain.mask, cut.mask), 0);
  }
}

TEST(Cutout, LabelsAreIgnoredOnRequest) {
  const Sample sample = smooth_sample(40, 60, 3);
  const Sample plain = augment(no_augmentation(), sample, {60, 40}, 1, 0, 0);
  const Sample cut = augment(cutout_only("count: 3, ignore_labels: true"), sample, {60, 40}, 1, 0, 0);
  const cv::Mat changed = changed_pixels(plain.image, cut.image);
  EXPECT_EQ(difference(cut.mask == static_cast<double>(kIgnoreLabel), changed), 0);
}

TEST(Cutout, EqualKeysCutEqualHoles) {
  const Sample sample = smooth_sample(40, 40, 1);
  const AugmentOptions options = cutout_only("count: 2");
  expect_same(augment(options, sample, {40, 40}, 1, 2, 3), augment(options, sample, {40, 40}, 1, 2, 3));
  EXPECT_GT(
      difference(augment(options, sample, {40, 40}, 1, 2, 3).image, augment(options, sample, {40, 40}, 1, 2, 4).image),
      0);
}

/// Pastes the pixels of class 1 of another sample.
struct PasteClassOne : JointAugmentation {
  PasteClassOne() { probability = 1; }
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override {
    const Sample other = others.draw(rng);
    ASSERT_EQ(other.image.size(), sample.image.size());
    ASSERT_EQ(other.image.type(), sample.image.type());
    const cv::Mat object = other.mask == 1;
    other.image.copyTo(sample.image, object);
    other.mask.copyTo(sample.mask, object);
  }
};

AugmentOptions copy_paste_options(double probability) {
  AugmentOptions options = augmentation_with(probability);
  options.joint.emplace_back("paste_class_one", PasteClassOne());
  return options;
}

bool is_same_batch(const Batch& a, const Batch& b) {
  return torch::equal(a.images, b.images) && torch::equal(a.labels, b.labels);
}

TEST(JointAugmentation, TheOtherSampleDependsOnlyOnEpochAndPosition) {
  const TrainingFiles files(5, 40, 40);
  const AugmentOptions options = copy_paste_options(0.5);
  DataOptions uncached = files.options(24, 24);
  uncached.cache_mb = 0;
  const TrainingSet set(files.refs(), files.options(24, 24), options, 1), other(files.refs(), uncached, options, 1);
  const std::vector<int64_t> positions{0, 1, 2, 3, 4};
  const Batch batch = set.batch(2, set.order(2), positions);
  set.batch(1, set.order(1), positions);
  EXPECT_TRUE(is_same_batch(batch, set.batch(2, set.order(2), positions)));
  EXPECT_TRUE(is_same_batch(batch, other.batch(2, set.order(2), positions)));
  EXPECT_FALSE(is_same_batch(batch, set.batch(3, set.order(2), positions)));
}

TEST(JointAugmentation, PastesPixelsOfAnotherImageWithTheirLabels) {
  const TrainingFiles files(2, 24, 24);
  const AugmentOptions options = copy_paste_options(0);
  const TrainingSet set(files.refs(), files.options(24, 24), options, 1);
  const Batch batch = set.batch(0, {0, 1}, {0});
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 24; ++x) {
      const int from = files.mask(1).at<uchar>(y, x) == 1 ? 1 : 0;
      ASSERT_EQ(batch.labels[0][y][x].item<int64_t>(), files.mask(from).at<uchar>(y, x));
      ASSERT_NEAR(batch.images[0][0][y][x].item<float>(), files.image(from).at<cv::Vec3b>(y, x)[0] / 255.0, 1e-5);
    }
}

TEST(JointAugmentation, ASingleImageIsItsOwnOtherSample) {
  const TrainingFiles files(1, 40, 40);
  const AugmentOptions options = copy_paste_options(0);
  const TrainingSet set(files.refs(), files.options(16, 16), options, 1);
  EXPECT_NO_THROW(set.batch(0, {0}, {0}));
}

TEST(JointAugmentation, DisabledAugmentationsDrawNoRandomNumbers) {
  const Sample sample = random_sample(40, 40);
  AugmentOptions all = enable_only(geometric_augmentations().names());
  for (auto& [name, row] : all.photometric) row->probability = 1;
  AugmentOptions without = enable_only(geometric_augmentations().names());
  for (auto& [name, row] : without.photometric) row->probability = 1;
  without.joint.clear();
  EXPECT_EQ(
      difference(augment(all, sample, {24, 24}, 3, 1, 2).image, augment(without, sample, {24, 24}, 3, 1, 2).image), 0);
}

}  // namespace
}  // namespace unet
