#include "app/training/validation_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "configs/schema/reader.h"

namespace unet {
namespace {

std::vector<SampleRef> samples_named(const std::vector<std::string>& names) {
  std::vector<SampleRef> samples;
  for (const std::string& name : names) samples.push_back({name, ImageFile(name), MaskFile(name)});
  return samples;
}

std::vector<std::string> names_of(const std::vector<SampleRef>& samples) {
  std::vector<std::string> names;
  for (const SampleRef& sample : samples) names.push_back(sample.name);
  return names;
}

std::unique_ptr<TrainOptions> train_options(const std::string& text) {
  auto options = std::make_unique<TrainOptions>();
  read_options(parse_yaml(text, "test"), *options);
  return options;
}

TEST(ValidationSchedule, SamplesAreSpreadOverTheirSortedNames) {
  const auto samples = samples_named({"j", "b", "f", "a", "c", "i", "d", "h", "e", "g"});
  EXPECT_EQ(names_of(spread_over_names(samples, 5)), (std::vector<std::string>{"b", "d", "f", "h", "j"}));
  EXPECT_EQ(names_of(spread_over_names(samples, 3)), (std::vector<std::string>{"b", "f", "i"}));
  EXPECT_EQ(names_of(spread_over_names(samples, 1)), std::vector<std::string>{"f"});
  EXPECT_EQ(names_of(spread_over_names(samples, 10)), names_of(samples)) << "all of them, in their own order";
  EXPECT_EQ(names_of(spread_over_names(samples, 99)), names_of(samples));
  EXPECT_TRUE(spread_over_names({}, 3).empty());
}

TEST(ValidationSchedule, EveryNumberOfSamplesIsSpreadWithoutRepetition) {
  std::vector<std::string> names;
  for (int i = 0; i < 37; ++i) names.push_back(concat("image-", 100 + i));
  for (int64_t count = 1; count <= 37; ++count) {
    const auto chosen = names_of(spread_over_names(samples_named(names), count));
    EXPECT_EQ(static_cast<int64_t>(chosen.size()), count);
    EXPECT_TRUE(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end()) << count;
    EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end())) << count;
  }
}

TEST(ValidationSchedule, WithoutOptionsAllImagesAreValidatedAfterEachEpoch) {
  const TrainOptions options;
  const ValidationSchedule schedule(options, 7, 30);
  EXPECT_EQ(schedule.images(), 30);
  EXPECT_FALSE(schedule.compares());
  EXPECT_TRUE(schedule.is_periodic(5, 0)) << "the epoch decides, whose length may have changed";
  EXPECT_FALSE(schedule.is_periodic(7, 3));
  EXPECT_EQ(schedule.every(), 7);
}

TEST(ValidationSchedule, AGivenNumberOfImagesIsComparedOnAllAtTheEnd) {
  const auto options = train_options("{validate_images: 10, validate_every_steps: 4}");
  ValidationSchedule schedule(*options, 7, 30);
  EXPECT_EQ(schedule.images(), 10);
  EXPECT_EQ(schedule.compared_images(), 30);
  EXPECT_TRUE(schedule.compares());
  EXPECT_FALSE(schedule.is_compared(8));
  schedule.compared(8, 0.5);
  EXPECT_TRUE(schedule.is_compared(8));
  EXPECT_TRUE(schedule.is_periodic(8, 1));
  EXPECT_FALSE(schedule.is_periodic(7, 0));
  const ValidationSchedule few(*options, 7, 10);
  EXPECT_FALSE(few.compares()) << "there are not more images";
}

TEST(ValidationSchedule, NoPeriodicValidationFollowsTheLastThatFits) {
  const auto options = train_options("{validate_every_steps: 4}");
  ValidationSchedule schedule(*options, 7, 30);
  schedule.end_periodic_after(8, 13);
  EXPECT_TRUE(schedule.is_periodic(8, 1));
  EXPECT_FALSE(schedule.is_periodic(12, 5));
  schedule.continue_periodic();
  EXPECT_TRUE(schedule.is_periodic(12, 5));
}

TEST(ValidationSchedule, TheShareOfTheTimeChooses) {
  const auto options = train_options("{time_budget: 1000s, validation_share: 0.1}");
  ValidationSchedule schedule(*options, 7, 200);
  EXPECT_FALSE(schedule.is_periodic(7, 0)) << "nothing is chosen yet";
  Pace pace;
  for (int i = 0; i < 10; ++i) pace.stepped(1);
  pace.expect_validation(0.1);
  schedule.choose(1000, 10, 10, pace);
  // Of 100 s the comparison of two checkpoints on 200 images takes 40 s. The other 60 s are 20 validations of 3 s.
  EXPECT_EQ(schedule.compared_images(), 200);
  EXPECT_EQ(schedule.images(), 30);
  EXPECT_EQ(schedule.every(), 45) << "about 900 steps";
  // A validation that takes three times as long takes place a third as often, on as many images.
  pace.validated(9, 0, 30);
  schedule.choose(1000, 50, 50, pace);
  EXPECT_EQ(schedule.images(), 30);
  EXPECT_GT(schedule.every(), 100);
}

}  // namespace
}  // namespace unet
