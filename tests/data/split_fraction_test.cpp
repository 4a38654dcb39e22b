#include "data/dataset/split_fraction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/support/contains.h"

namespace unet {
namespace {

class SplitFraction : public testing::Test {
 protected:
  void add(int count, const std::string& prefix = "image") {
    for (int i = 0; i < count; ++i) samples_.push_back({prefix + std::to_string(i), ImageFile(""), MaskFile("")});
  }

  FractionSplit divide() const { return divide_by_fraction(samples_, options_, fractions_, contents_); }

  size_t count(const FractionSplit& split, Part part) const {
    return static_cast<size_t>(std::count(split.parts.begin(), split.parts.end(), part));
  }

  /// Number of the samples of `before` whose part is another in `after`.
  static size_t moved(const FractionSplit& before, const FractionSplit& after) {
    size_t count = 0;
    for (size_t i = 0; i < before.parts.size(); ++i)
      if (before.parts[i] != after.parts[i]) ++count;
    return count;
  }

  /// Whether a part has a sample with the value.
  bool has_value(const FractionSplit& split, Part part, int64_t value) const {
    for (size_t i = 0; i < split.parts.size(); ++i) {
      const std::vector<int64_t>& values = contents_.values[i];
      if (split.parts[i] == part && std::find(values.begin(), values.end(), value) != values.end()) return true;
    }
    return false;
  }

  std::vector<SampleRef> samples_;
  DataOptions options_;
  Fractions fractions_{0.2, 0};
  SampleContents contents_;
};

TEST_F(SplitFraction, TheShareHoldsInSetsOfEverySize) {
  for (int images = 2; images <= 60; ++images) {
    samples_.clear();
    add(images);
    for (const double val : {0.05, 0.2, 0.5})
      for (const double test : {0.0, 0.1, 0.3}) {
        fractions_ = {val, test};
        const FractionSplit split = divide();
        EXPECT_EQ(split.method, SplitBy::rank);
        EXPECT_LE(std::abs(static_cast<double>(count(split, kVal)) - val * images), 1) << images << " " << val;
        EXPECT_LE(std::abs(static_cast<double>(count(split, kTest)) - test * images), 1) << images << " " << test;
        EXPECT_GT(count(split, kTrain), 0u);
        EXPECT_GT(count(split, kVal), 0u);
      }
  }
}

TEST_F(SplitFraction, ByRankANewImageMovesAtMostOneOtherOfEachPart) {
  fractions_ = {0.2, 0.1};
  add(50);
  FractionSplit before = divide();
  for (int i = 0; i < 20; ++i) {
    add(1, "new" + std::to_string(i));
    const FractionSplit after = divide();
    EXPECT_LE(moved(before, after), 2u);
    before = after;
  }
}

TEST_F(SplitFraction, ByThresholdANewImageMovesNoOther) {
  options_.split_by = SplitBy::threshold;
  fractions_ = {0.2, 0.1};
  add(300);
  const FractionSplit before = divide();
  add(50, "new");
  EXPECT_EQ(moved(before, divide()), 0u);
}

TEST_F(SplitFraction, AutoTakesTheThresholdWhereItHoldsTheShare) {
  add(1590);
  EXPECT_EQ(divide().method, SplitBy::rank);
  EXPECT_TRUE(contains(divide().rule, "by fraction: 0.2 for validation, 0 for testing, by rank of a hash of the name"));
  add(20, "last");
  const FractionSplit split = divide();
  EXPECT_EQ(split.method, SplitBy::threshold);
  EXPECT_NEAR(static_cast<double>(count(split, kVal)), 322, 64);
  EXPECT_TRUE(contains(split.rule, "so that new images move no others"));
  fractions_ = {0.2, 0.1};
  EXPECT_EQ(divide().method, SplitBy::rank) << "the smaller part decides";
}

TEST_F(SplitFraction, AutoCountsGroupsByTheirSizes) {
  options_.group_pattern = "^image";
  add(1600);
  add(1600, "other");
  EXPECT_EQ(divide().method, SplitBy::rank) << "half the images are one group";
}

TEST_F(SplitFraction, CrossingTheLimitMovesFewImages) {
  add(1600);
  options_.split_by = SplitBy::rank;
  const FractionSplit by_rank = divide();
  options_.split_by = SplitBy::threshold;
  EXPECT_LE(moved(by_rank, divide()), 64u);
}

TEST_F(SplitFraction, GroupsOfUnequalSizeHoldTheShareWithinOneGroup) {
  options_.group_pattern = "^(.)";
  for (char group = 'a'; group <= 't'; ++group) add(1 + (group - 'a') % 5, std::string(1, group));
  const FractionSplit split = divide();
  EXPECT_NEAR(static_cast<double>(count(split, kVal)), 0.2 * static_cast<double>(samples_.size()), 2.5);
  std::map<char, std::set<Part>> parts;
  for (size_t i = 0; i < samples_.size(); ++i) parts[samples_[i].name[0]].insert(split.parts[i]);
  for (const auto& [group, found] : parts) EXPECT_EQ(found.size(), 1u) << group;
}

TEST_F(SplitFraction, AGroupThatIsLargerThanAPartStaysInTraining) {
  options_.group_pattern = "^(large|small\\d+)";
  add(60, "large");
  add(40, "small");
  const FractionSplit split = divide();
  EXPECT_TRUE(std::all_of(split.parts.begin(), split.parts.begin() + 60, [](Part part) { return part == kTrain; }));
  EXPECT_EQ(count(split, kVal), 20u);
}

TEST_F(SplitFraction, SamplesThatCannotBeUsedDoNotCount) {
  add(40);
  contents_.usable.assign(40, true);
  for (size_t i = 0; i < 20; ++i) contents_.usable[i] = false;
  const FractionSplit split = divide();
  size_t usable_val = 0;
  for (size_t i = 20; i < 40; ++i) usable_val += split.parts[i] == kVal ? 1 : 0;
  EXPECT_EQ(usable_val, 4u);
}

TEST_F(SplitFraction, NearDuplicatesAreKeptTogetherAndCounted) {
  add(60);
  for (size_t i = 0; i < 30; i += 3)
    for (const size_t first : {i, i + 1}) contents_.near_duplicates.push_back({first, first + 1});
  for (const SplitBy method : {SplitBy::rank, SplitBy::threshold}) {
    options_.split_by = method;
    const FractionSplit split = divide();
    for (size_t i = 0; i < 30; i += 3) {
      EXPECT_EQ(split.parts[i], split.parts[i + 1]);
      EXPECT_EQ(split.parts[i], split.parts[i + 2]);
    }
    ASSERT_EQ(split.decisions.size(), 1u);
    EXPECT_TRUE(
        contains(split.decisions[0], "30 images with near duplicates among them are kept together in 10 groups"));
    if (method == SplitBy::rank) {
      EXPECT_EQ(count(split, kVal), 12u);
    }
  }
  options_.split_by = SplitBy::name;
  EXPECT_TRUE(divide().decisions.empty());
}

TEST_F(SplitFraction, AVideoBecomesGroupsOfConsecutiveFramesOfBoundedSize) {
  add(100);
  for (size_t i = 0; i + 1 < 100; ++i) contents_.near_duplicates.push_back({i, i + 1});
  const FractionSplit split = divide();
  EXPECT_EQ(count(split, kVal), 20u);
  size_t borders = 0;
  for (size_t i = 0; i + 1 < 100; ++i) borders += split.parts[i] != split.parts[i + 1] ? 1 : 0;
  EXPECT_LE(borders, 2u) << "one run of frames";
  EXPECT_TRUE(contains(split.decisions.at(1), "groups of more than 20 images"));
}

TEST_F(SplitFraction, ASetOfNothingButNearDuplicatesIsDividedAllTheSame) {
  add(6);
  for (size_t i = 0; i + 1 < 6; ++i) contents_.near_duplicates.push_back({i, i + 1});
  const FractionSplit split = divide();
  EXPECT_EQ(count(split, kVal), 1u);
  EXPECT_TRUE(contains(split.decisions.at(0), "all images are near duplicates"));
}

TEST_F(SplitFraction, RareValuesAreInTrainingThenInValidationThenInTesting) {
  fractions_ = {0.2, 0.2};
  add(40);
  // Which images have the rare values decides how often they must be moved, so many choices are tried.
  for (size_t first = 0; first + 6 <= 40; ++first) {
    contents_.values.assign(40, {0, 1});
    for (size_t i = 0; i < 6; ++i) contents_.values[first + i].push_back(i == 0 ? 7 : i < 3 ? 8 : 9);
    for (const SplitBy method : {SplitBy::rank, SplitBy::threshold}) {
      options_.split_by = method;
      const FractionSplit plain = divide_by_fraction(samples_, options_, fractions_), split = divide();
      EXPECT_TRUE(has_value(split, kTrain, 7)) << first;
      for (const Part part : {kTrain, kVal}) EXPECT_TRUE(has_value(split, part, 8)) << first;
      for (const Part part : {kTrain, kVal, kTest}) EXPECT_TRUE(has_value(split, part, 9)) << first;
      EXPECT_EQ(count(split, kVal), count(plain, kVal)) << "images are exchanged, so the shares hold";
    }
  }
}

TEST_F(SplitFraction, MoreRareValuesThanTheShareAllowsAreNamed) {
  add(10);
  contents_.values.assign(10, {0});
  for (size_t i = 0; i < 10; ++i) contents_.values[i].push_back(static_cast<int64_t>(10 + i / 2));
  const FractionSplit split = divide();
  EXPECT_LE(count(split, kVal), 3u) << "2 within one image";
  for (int64_t value = 10; value < 15; ++value) EXPECT_TRUE(has_value(split, kTrain, value));
  EXPECT_TRUE(contains(split.decisions.back(), "too few validation images for the label values"));
}

TEST_F(SplitFraction, WithoutRareValuesNothingIsMoved) {
  add(40);
  const FractionSplit plain = divide();
  contents_.values.assign(40, {0, 255});
  EXPECT_EQ(divide().parts, plain.parts);
  EXPECT_TRUE(divide().decisions.empty());
}

}  // namespace
}  // namespace unet
