#include "configs/schema/suggest.h"

#include <gtest/gtest.h>

#include "configs/schema/registry.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(NearestName, FindsSlipsOfTheKeyboard) {
  EXPECT_EQ(nearest_name("epcohs", {"lr", "epochs", "batch_size"}), "epochs");
  EXPECT_EQ(nearest_name("depht", {"dilation", "depth"}), "depth") << "two letters swapped are one slip";
  EXPECT_EQ(nearest_name("batch_siz", {"lr", "epochs", "batch_size"}), "batch_size");
}

TEST(NearestName, TakesNoNoticeOfCaseAndSeparators) {
  EXPECT_EQ(nearest_name("BatchSize", {"base_channels", "batch_size"}), "batch_size");
  EXPECT_EQ(nearest_name("batch-size", {"base_channels", "batch_size"}), "batch_size");
}

TEST(NearestName, KnowsSynonymsBeforeSpelling) {
  EXPECT_EQ(nearest_name("learning_rate", {"train.log_rate", "train.lr"}), "train.lr");
  EXPECT_EQ(nearest_name("n_classes", {"classes", "num_classes"}), "num_classes");
  EXPECT_EQ(nearest_name("weight-decay", {"train.weight_decay"}), "train.weight_decay");
}

TEST(NearestName, ComparesTheLastPartOfAPath) {
  EXPECT_EQ(nearest_name("model.epoch", {"model.depth", "train.epochs"}), "train.epochs");
}

TEST(NearestName, IsEmptyWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("xylophone", {"lr", "epochs"}), "");
  EXPECT_EQ(nearest_name("epochs", {}), "");
}

TEST(ExpectedOneOf, ListsTheNamesAndAsksOnlyAboutANearOne) {
  EXPECT_EQ(expected_one_of("dise", {"dice", "focal"}), ". Did you mean 'dice'? Expected one of dice, focal.");
  EXPECT_EQ(expected_one_of("xylophone", {"dice", "focal"}), ", expected one of dice, focal.");
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a"}), "a");
  EXPECT_EQ(join({"a", "b"}, " | "), "a | b");
}

TEST(Registry, MakesARowByItsNameOrNamesTheChoices) {
  const Registry<std::string> table{
      "loss", {{"dice", "overlap", [] { return Polymorphic<std::string>(std::string("made")); }}}};
  EXPECT_EQ(*table.make("dice"), "made");
  EXPECT_EQ(config_error([&] { table.make("dise"); }),
            "unknown loss: got 'dise'. Did you mean 'dice'? Expected one of dice.");
}

}  // namespace
}  // namespace unet
