#include "configs/schema/suggest.h"

#include <gtest/gtest.h>

#include "configs/schema/registry.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(NearestName, FindsTypos) {
  EXPECT_EQ(nearest_name("epcohs", {"lr", "epochs", "batch_size"}), "epochs");
  EXPECT_EQ(nearest_name("depht", {"dilation", "depth"}), "depth") << "swapped letters count as one edit";
  EXPECT_EQ(nearest_name("batch_siz", {"lr", "epochs", "batch_size"}), "batch_size");
}

TEST(NearestName, IgnoresCaseAndSeparators) {
  EXPECT_EQ(nearest_name("BatchSize", {"base_channels", "batch_size"}), "batch_size");
  EXPECT_EQ(nearest_name("batch-size", {"base_channels", "batch_size"}), "batch_size");
}

TEST(NearestName, PrefersSynonymsToSimilarSpelling) {
  EXPECT_EQ(nearest_name("learning_rate", {"train.log_rate", "train.lr"}), "train.lr");
  EXPECT_EQ(nearest_name("n_classes", {"classes", "num_classes"}), "num_classes");
  EXPECT_EQ(nearest_name("weight-decay", {"train.weight_decay"}), "train.weight_decay");
}

TEST(NearestName, KnowsMisspelledSynonyms) {
  EXPECT_EQ(nearest_name("train.lerning_rate", {"train.epochs", "train.lr"}), "train.lr");
  EXPECT_EQ(nearest_name("bacth", {"epochs", "batch_size"}), "batch_size");
  EXPECT_EQ(nearest_name("img_sise", {"data.dir", "data.size"}), "data.size");
}

TEST(NearestName, TakesAShortSynonymOnlyAsItIs) {
  EXPECT_EQ(nearest_name("wd", {"weight_decay"}), "weight_decay");
  EXPECT_EQ(nearest_name("wx", {"weight_decay"}), "");
  EXPECT_EQ(nearest_name("pitch", {"dir", "probability"}), "");
}

TEST(NearestName, PrefersANameToASynonymThatIsAsFar) { EXPECT_EQ(nearest_name("level", {"depth", "lever"}), "lever"); }

TEST(NearestName, ComparesTheLastPartOfAPath) {
  EXPECT_EQ(nearest_name("model.epoch", {"model.depth", "train.epochs"}), "train.epochs");
}

TEST(NearestName, IsEmptyIfNothingIsSimilar) {
  EXPECT_EQ(nearest_name("xylophone", {"lr", "epochs"}), "");
  EXPECT_EQ(nearest_name("epochs", {}), "");
}

TEST(ExpectedOneOf, SuggestsASimilarNameBeforeTheList) {
  EXPECT_EQ(expected_one_of("dise", {"dice", "focal"}), ". Did you mean 'dice'? Expected one of dice, focal.");
  EXPECT_EQ(expected_one_of("xylophone", {"dice", "focal"}), ", expected one of dice, focal.");
}

TEST(Join, SeparatesTheItems) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a"}), "a");
  EXPECT_EQ(join({"a", "b"}, " | "), "a | b");
}

TEST(Registry, MakesARowByNameOrListsTheNames) {
  const Registry<std::string> table{
      "loss", {{"dice", "overlap", [] { return Polymorphic<std::string>(std::string("made")); }}}};
  EXPECT_EQ(*table.make("dice"), "made");
  EXPECT_EQ(config_error([&] { table.make("dise"); }),
            "unknown loss: got 'dise'. Did you mean 'dice'? Expected one of dice.");
}

}  // namespace
}  // namespace unet
