#include "data/dataset/near_duplicates.h"

#include <gtest/gtest.h>

#include <numeric>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/scenes.h"

namespace unet {
namespace {

bool are_near(const cv::Mat& a, const cv::Mat& b) { return are_near_duplicates(fingerprint_of(a), fingerprint_of(b)); }

cv::Mat as_jpeg(const cv::Mat& image, int quality) {
  std::vector<uint8_t> bytes;
  cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  return cv::imdecode(bytes, cv::IMREAD_GRAYSCALE);
}

cv::Mat scaled_to(const cv::Mat& image, int height, int width) {
  cv::Mat result;
  cv::resize(image, result, {width, height}, 0, 0, cv::INTER_AREA);
  return result;
}

cv::Mat noise_of(int seed, double amount, int side = 96) {
  cv::RNG random(static_cast<uint64_t>(seed));
  cv::Mat noise(side, side, CV_8UC1);
  random.fill(noise, cv::RNG::NORMAL, 128, amount);
  return noise;
}

std::vector<NearPair> pairs_of(const std::vector<Fingerprint>& fingerprints) {
  std::vector<size_t> all(fingerprints.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return near_duplicates(fingerprints, all);
}

TEST(NearDuplicates, AreImagesSavedAgainInAnyForm) {
  for (int seed = 0; seed < 10; ++seed) {
    const cv::Mat scene = blob_scene(seed);
    cv::Mat brighter, deeper, floats, shifted;
    scene.convertTo(brighter, CV_8U, 0.8, 30);
    scene.convertTo(deeper, CV_16U, 200);
    scene.convertTo(floats, CV_32F, 1e-3);
    cv::copyMakeBorder(scene(cv::Rect(1, 0, 95, 96)), shifted, 0, 0, 0, 1, cv::BORDER_REPLICATE);
    EXPECT_TRUE(are_near(scene, scene)) << seed;
    EXPECT_TRUE(are_near(scene, as_jpeg(scene, 60))) << seed;
    EXPECT_TRUE(are_near(scene, scaled_to(scene, 60, 60))) << seed;
    EXPECT_TRUE(are_near(scene, brighter)) << seed;
    EXPECT_TRUE(are_near(scene, deeper)) << seed;
    EXPECT_TRUE(are_near(scene, floats)) << seed;
    EXPECT_TRUE(are_near(scene, shifted)) << seed << ": the next frame of a video";
  }
}

TEST(NearDuplicates, AreNotOtherScenesNorOneSceneWithAnotherObject) {
  for (int seed = 0; seed < 10; ++seed) {
    const cv::Mat scene = blob_scene(seed);
    cv::Mat changed = scene.clone(), mirrored;
    changed(cv::Rect(40, 40, 12, 12)) = scene.at<uint8_t>(46, 46) < 128 ? 255 : 0;
    cv::flip(scene, mirrored, 1);
    EXPECT_FALSE(are_near(scene, blob_scene(seed + 100))) << seed;
    EXPECT_FALSE(are_near(scene, changed)) << seed;
    EXPECT_FALSE(are_near(scene, mirrored)) << seed;
    EXPECT_FALSE(are_near(scene, scaled_to(scene, 96, 80))) << seed << ": another shape";
  }
}

TEST(NearDuplicates, FlatImagesAreNearDuplicatesOfNone) {
  const cv::Mat black = cv::Mat::zeros(64, 64, CV_8UC1), almost = noise_of(1, 1.0), tiny = blob_scene(1, 8, 8);
  cv::Mat constant(64, 64, CV_32FC1, cv::Scalar(1e30));
  for (const cv::Mat& image : {black, almost, tiny, constant}) {
    EXPECT_EQ(fingerprint_of(image).aspect, 0);
    EXPECT_FALSE(are_near(image, image));
  }
}

TEST(NearDuplicates, TexturesOfOneKindAreTold) {
  std::vector<Fingerprint> textures;
  for (int i = 0; i < 200; ++i) {
    cv::Mat texture = noise_of(i, 40);
    cv::GaussianBlur(texture, texture, {0, 0}, 3);
    textures.push_back(fingerprint_of(texture));
    EXPECT_GT(textures.back().aspect, 0);
  }
  EXPECT_TRUE(pairs_of(textures).empty());
}

TEST(NearDuplicates, AreFoundAmongManyImages) {
  std::vector<Fingerprint> fingerprints;
  std::vector<NearPair> expected;
  for (size_t i = 0; i < 400; ++i) fingerprints.push_back(fingerprint_of(blob_scene(static_cast<int>(i), 48, 48)));
  for (size_t i = 0; i < 40; ++i) {
    fingerprints.push_back(fingerprint_of(as_jpeg(blob_scene(static_cast<int>(9 * i), 48, 48), 70)));
    expected.push_back({9 * i, 400 + i});
  }
  EXPECT_EQ(pairs_of(fingerprints), expected);
  const std::vector<NearPair> some = near_duplicates(fingerprints, {0, 1, 2, 9, 400, 401});
  EXPECT_EQ(some, (std::vector<NearPair>{{0, 400}, {9, 401}}));
}

/// Every image a copy of every other: the number of pairs must not grow with the square.
TEST(NearDuplicates, TheSearchIsBounded) {
  const std::vector<Fingerprint> equal(2000, fingerprint_of(blob_scene(3, 48, 48)));
  const std::vector<NearPair> pairs = pairs_of(equal);
  EXPECT_GE(pairs.size(), equal.size() - 1);
  EXPECT_LE(pairs.size(), 128 * equal.size());
}

}  // namespace
}  // namespace unet
