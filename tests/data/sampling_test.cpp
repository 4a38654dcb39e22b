#include "data/dataset/sampling.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <numeric>

#include "configs/schema/text.h"
#include "data/samples/loader.h"
#include "tests/support/augmentation_samples.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/training_files.h"

namespace unet {
namespace {

/// A data set of noise whose manifest has these columns besides image and mask, a line for each image. The masks of
/// the first two images have the class 1, which the others lack.
class SampledSet : public testing::Test {
 protected:
  Dataset open(const std::string& columns, const std::vector<std::string>& lines) {
    std::string table = "image,mask,split" + columns + "\n";
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string stem = std::to_string(i);
      files_.add_image(stem + ".png", files_.noise());
      files_.add_mask("m" + stem + ".png", i < 2 ? DataFiles::halves(0, 1) : DataFiles::halves(0, 2));
      table += concat(stem, ".png,m", stem, ".png,", lines[i], "\n");
    }
    files_.add_file("manifest.csv", table);
    options_.dir = files_.dir();
    return open_dataset(options_, {1});
  }

  DataFiles files_;
  DataOptions options_;
};

std::vector<double> sampling_weights(const Dataset& dataset) {
  std::vector<double> weights;
  for (const SampleRef& sample : dataset.samples) weights.push_back(sample.weight.value_or(-1));
  return weights;
}

bool has_decision(const Dataset& dataset, const std::string& part) {
  return contains(join(dataset.decisions, "\n"), part);
}

TEST(RepeatFactors, AreThoseOfTheRarestClassOfTheImage) {
  // Fractions: class 0 in 4 of 4 images, class 1 in 2, class 2 in 1, class 3 in none.
  const std::vector<std::vector<int64_t>> classes{{0}, {0, 1}, {0, 1, 2}, {0}};
  const std::vector<double> all = repeat_factors(classes, 4, 1);
  EXPECT_EQ(all, (std::vector<double>{1, std::sqrt(2.0), 2, 1}));
  EXPECT_DOUBLE_EQ(repeat_factors(classes, 4, 0.36)[2], 1.2);
  EXPECT_EQ(repeat_factors(classes, 4, 0.36)[1], 1);
  EXPECT_EQ(repeat_factors(classes, 4, 0), (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(repeat_factors({{}, {1}}, 2, 1), (std::vector<double>{1, std::sqrt(2.0)}));
}

TEST_F(SampledSet, ClassBalancedWeighsTrainingImagesByTheirRarestClass) {
  options_.sampling = Sampling::class_balanced;
  const Dataset dataset = open("", {"train", "val", "train", "train", "train"});
  EXPECT_TRUE(dataset.problems.empty()) << testing::PrintToString(texts_of(dataset.problems));
  // One of four training images has class 1, three have class 2.
  const auto common = static_cast<float>(std::sqrt(4 / 3.0));
  EXPECT_EQ(sampling_weights(dataset), (std::vector<double>{2, common, common, common, -1}));
  EXPECT_TRUE(has_decision(dataset, "data.sampling: class_balanced"));
}

TEST_F(SampledSet, WeightedTakesTheWeightsOfTheManifest) {
  options_.sampling = Sampling::weighted;
  const Dataset dataset = open(",weight", {"train,3", "train,0.5", "train,", "val,7"});
  EXPECT_TRUE(dataset.problems.empty()) << testing::PrintToString(texts_of(dataset.problems));
  EXPECT_EQ(sampling_weights(dataset), (std::vector<double>{3, 0.5, -1, -1}));
}

TEST_F(SampledSet, WeightedNeedsWeights) {
  options_.sampling = Sampling::weighted;
  for (const auto& [columns, ending] : {std::pair<std::string, std::string>{"", ""}, {",weight", ",0"}}) {
    const Dataset dataset = open(columns, {"train" + ending, "train" + ending, "val" + ending});
    ASSERT_EQ(dataset.problems.size(), 1u);
    EXPECT_EQ(dataset.problems[0].kind, FindingKind::options);
    EXPECT_TRUE(contains(dataset.problems[0].text, "data.sampling"));
    EXPECT_TRUE(contains(dataset.problems[0].text, "--set data.sampling=uniform"));
  }
}

TEST_F(SampledSet, UniformSaysThatWeightsAreNotUsed) {
  const Dataset unequal = open(",weight", {"train,3", "train,1", "val,1"});
  EXPECT_EQ(sampling_weights(unequal), (std::vector<double>{-1, -1, -1}));
  EXPECT_TRUE(has_decision(unequal, "--set data.sampling=weighted"));
  const Dataset equal = open(",weight", {"train,1", "train,", "val,2"});
  EXPECT_FALSE(has_decision(equal, "data.sampling"));
}

/// A training set whose images have these weights, and `samples_per_image`.
struct WeightedSet {
  WeightedSet(const std::vector<double>& weights, int64_t samples_per_image)
      : files(static_cast<int>(weights.size()), 12, 12), set(refs(weights), options(samples_per_image), augment, 1) {}

  std::vector<SampleRef> refs(const std::vector<double>& weights) const {
    std::vector<SampleRef> result = files.refs();
    for (size_t i = 0; i < result.size(); ++i) result[i].weight = static_cast<float>(weights[i]);
    return result;
  }

  DataOptions options(int64_t samples_per_image) const {
    DataOptions data = files.options(8, 8);
    data.samples_per_image = samples_per_image;
    return data;
  }

  /// Number of draws of each image in an epoch.
  std::vector<int64_t> draws(int64_t epoch) const {
    std::vector<int64_t> counts(files.refs().size());
    for (const int64_t chosen : set.order(epoch))
      ++counts.at(static_cast<size_t>(chosen / (set.size() / static_cast<int64_t>(counts.size()))));
    return counts;
  }

  TrainingFiles files;
  AugmentOptions augment = no_augmentation();
  TrainingSet set;
};

TEST(WeightedOrder, DrawsEachImageInProportionToItsWeight) {
  const std::vector<double> weights{4, 1, 0, 2.5, 0.5};  // their sum is 8
  const WeightedSet weighted(weights, 4);                // 20 draws an epoch
  std::vector<double> sums(5);
  constexpr int64_t kEpochs = 400;
  for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<int64_t> draws = weighted.draws(epoch);
    EXPECT_EQ(std::accumulate(draws.begin(), draws.end(), int64_t{0}), 20);
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_LT(std::abs(static_cast<double>(draws[i]) - 20 * weights[i] / 8), 1) << i;
      sums[i] += static_cast<double>(draws[i]);
    }
  }
  EXPECT_EQ(sums[2], 0);
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(sums[i] / kEpochs, 20 * weights[i] / 8, 0.1) << i;
}

TEST(WeightedOrder, IsAFunctionOfSeedAndEpoch) {
  const std::vector<double> weights{4, 1, 2.5, 0.5};
  const WeightedSet one(weights, 3), twin(weights, 3);
  EXPECT_EQ(one.set.order(5), twin.set.order(5));
  EXPECT_NE(one.set.order(5), one.set.order(6));
}

TEST(WeightedOrder, OfEqualWeightsIsTheUniformOne) {
  for (const double weight : {1.0, 0.3}) {
    const WeightedSet equal(std::vector<double>(7, weight), 3);
    const TrainingSet uniform(equal.files.refs(), equal.options(3), equal.augment, 1);
    for (int64_t epoch = 0; epoch < 5; ++epoch) EXPECT_EQ(equal.set.order(epoch), uniform.order(epoch)) << weight;
  }
}

TEST(WeightedOrder, NeitherWorkersNorResumingChangeABatch) {
  const WeightedSet weighted({4, 1, 0, 2.5, 0.5}, 2);
  const auto names = [&](int64_t workers, int64_t first) {
    Loader loader(weighted.set, {2, workers, 3, 0, 1}, 1, first);
    std::vector<std::string> all;
    while (auto batch = loader.next()) all.insert(all.end(), batch->names.begin(), batch->names.end());
    return all;
  };
  const auto expected = names(0, 0);
  ASSERT_EQ(expected.size(), 10u);
  EXPECT_EQ(names(2, 0), expected);
  EXPECT_EQ(names(2, 3), (std::vector<std::string>{expected.begin() + 6, expected.end()}));
}

}  // namespace
}  // namespace unet
