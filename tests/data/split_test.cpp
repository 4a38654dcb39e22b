#include "data/dataset/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const std::vector<SampleRef>& samples) {
  std::vector<std::string> names;
  for (const SampleRef& sample : samples) names.push_back(sample.name);
  return names;
}

using Names = std::vector<std::string>;

class FindSamples : public testing::Test {
 protected:
  FindSamples() { options_.dir = folder_.path(); }

  void add(const std::string& name, const std::string& text = "") const {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  void add_pair(const std::string& stem, const std::string& part = "") const {
    add(part + "images/" + stem + ".jpg");
    add(part + "masks/" + stem + ".png");
  }
  void add_numbered(int count) const {
    for (int i = 0; i < count; ++i) add_pair("case" + std::to_string(i / 4) + "_" + std::to_string(i));
  }
  bool has_problem(const Split& split, const std::string& file, const std::string& what) const {
    return std::any_of(split.problems.begin(), split.problems.end(), [&](const Finding& finding) {
      return finding.text.rfind(folder_ / file, 0) == 0 && finding.text.find(what) != std::string::npos;
    });
  }

  TempFolder folder_;
  DataOptions options_;
};

TEST_F(FindSamples, PairsAreMatchedByStemAndSortedByByte) {
  options_.val_fraction = 0;
  for (const char* stem : {"b", "a.1", "B", "a"}) add_pair(stem);
  add("images/.hidden.png");
  add("images/notes.txt");
  const Split split = find_samples(options_);
  EXPECT_EQ(names_of(split.train), (Names{"B", "a", "a.1", "b"}));
  EXPECT_EQ(split.train[0].text(), folder_ / "images/B.jpg");
  EXPECT_EQ(text_of(split.train[0].labels), folder_ / "masks/B.png");
  EXPECT_TRUE(split.val.empty());
  EXPECT_TRUE(split.problems.empty());
}

TEST_F(FindSamples, OrphansAndDuplicatesAreAllListedInOnePass) {
  for (const char* stem : {"a", "b", "c"}) add_pair(stem);
  add("images/lonely.png");
  add("masks/widow.png");
  add("images/a.png");
  add("masks/B.png");
  const Split split = find_samples(options_);
  EXPECT_EQ(split.problems.size(), 4u);
  EXPECT_TRUE(has_problem(split, "images/lonely.png", "no mask; looked for " + folder_ / "masks/lonely"));
  EXPECT_TRUE(has_problem(split, "masks/widow.png", "no image"));
  EXPECT_TRUE(has_problem(split, "masks/B.png", "no image")) << "stems are compared exactly";
  EXPECT_TRUE(has_problem(split, "images/a.png", "same stem as " + folder_ / "images/a.jpg"));
}

TEST_F(FindSamples, OrphansMayBeSkipped) {
  for (const char* stem : {"a", "b"}) add_pair(stem);
  add("images/lonely.png");
  add("masks/widow.png");
  options_.missing_mask = BadFilePolicy::skip;
  const Split split = find_samples(options_);
  EXPECT_TRUE(split.problems.empty());
  ASSERT_EQ(split.notes.size(), 2u) << "but they are reported";
  EXPECT_EQ(split.notes[0].text, folder_ / "images/lonely.png: no mask; looked for " + folder_ / "masks/lonely.*");
  EXPECT_EQ(split.notes[1].reason, "no image");
}

TEST_F(FindSamples, FilesWithOtherExtensionsAreNoted) {
  add_pair("a");
  add("masks/b.txt");
  const Split split = find_samples(options_);
  EXPECT_TRUE(split.problems.empty());
  ASSERT_EQ(split.notes.size(), 1u);
  EXPECT_EQ(split.notes[0].kind, FindingKind::other_file);
  EXPECT_EQ(split.notes[0].file, folder_ / "masks/b.txt");
}

TEST_F(FindSamples, AMaskSuffixIsRemoved) {
  options_.mask_suffix = "_mask";
  options_.val_fraction = 0;
  add("images/a.png");
  add("masks/a_mask.png");
  add("masks/a.png");
  const Split split = find_samples(options_);
  EXPECT_EQ(names_of(split.train), Names{"a"});
  EXPECT_EQ(text_of(split.train[0].labels), folder_ / "masks/a_mask.png");
  EXPECT_TRUE(split.problems.empty());
}

TEST_F(FindSamples, OneFolderMayHoldImagesAndMasks) {
  options_.images = options_.masks = "all";
  options_.mask_suffix = "_m";
  options_.val_fraction = 0;
  for (const char* name : {"all/a.png", "all/a_m.png", "all/b.png", "all/b_m.png"}) add(name);
  const Split split = find_samples(options_);
  EXPECT_EQ(names_of(split.train), (Names{"a", "b"}));
  EXPECT_TRUE(split.problems.empty());
}

TEST_F(FindSamples, FoldersDefineThePartsIfTrainExists) {
  add_pair("a", "train/");
  add_pair("b", "val/");
  add_pair("a", "test/");
  const Split split = find_samples(options_);
  EXPECT_EQ(names_of(split.train), Names{"a"});
  EXPECT_EQ(names_of(split.val), Names{"b"});
  EXPECT_EQ(names_of(split.test), Names{"a"});
  EXPECT_EQ(split.rule, "by folder: train/, val/, test/");
  EXPECT_TRUE(split.problems.empty());
}

TEST_F(FindSamples, WithoutAValFolderTrainIsSplit) {
  for (int i = 0; i < 50; ++i) add_pair(std::to_string(i), "train/");
  const Split split = find_samples(options_);
  EXPECT_EQ(split.train.size() + split.val.size(), 50u);
  EXPECT_GT(split.val.size(), 2u);
  EXPECT_NE(split.rule.find("train/; validation by fraction: 0.2"), std::string::npos) << split.rule;
}

TEST_F(FindSamples, ByThresholdFractionsHoldApproximatelyAndNewFilesMoveNoOthers) {
  options_.split_by = SplitBy::threshold;
  options_.test_fraction = 0.1;
  add_numbered(400);
  const Split before = find_samples(options_);
  EXPECT_NEAR(static_cast<double>(before.val.size()), 80, 25);
  EXPECT_NEAR(static_cast<double>(before.test.size()), 40, 20);
  for (int i = 0; i < 50; ++i) add_pair("new" + std::to_string(i));
  const auto after = find_samples(options_);
  const auto includes_all = [](const Names& all, const Names& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
  };
  EXPECT_TRUE(includes_all(names_of(after.train), names_of(before.train)));
  EXPECT_TRUE(includes_all(names_of(after.val), names_of(before.val)));
  EXPECT_TRUE(includes_all(names_of(after.test), names_of(before.test)));
}

TEST_F(FindSamples, TheHashIsTheSameOnEveryMachine) {
  for (int i = 0; i < 20; ++i) add_pair(std::to_string(i));
  options_.split_by = SplitBy::name;
  const Names by_name{"0", "11", "14", "7", "9"};
  EXPECT_EQ(names_of(find_samples(options_).val), by_name) << "as before data.split_by existed";
  options_.split_by = SplitBy::automatic;
  const Names by_rank = names_of(find_samples(options_).val);
  EXPECT_EQ(by_rank.size(), 4u) << "the exact share";
  EXPECT_TRUE(std::includes(by_name.begin(), by_name.end(), by_rank.begin(), by_rank.end()));
}

TEST_F(FindSamples, GroupsStayTogether) {
  options_.group_pattern = "^(case\\d+)_";
  add_numbered(200);
  const Split split = find_samples(options_);
  std::set<std::string> train, val;
  for (const SampleRef& ref : split.train) train.insert(ref.name.substr(0, ref.name.find('_')));
  for (const SampleRef& ref : split.val) val.insert(ref.name.substr(0, ref.name.find('_')));
  EXPECT_EQ(train.size() + val.size(), 50u);
  EXPECT_GT(val.size(), 3u);
}

TEST_F(FindSamples, SmallSetsHaveTrainingAndValidation) {
  for (int count = 1; count <= 6; ++count) {
    add_pair("x" + std::to_string(count));
    for (const double fraction : {0.01, 0.9}) {
      options_.val_fraction = fraction;
      const Split split = find_samples(options_);
      EXPECT_EQ(split.train.size() + split.val.size(), static_cast<size_t>(count));
      if (count == 1) continue;
      EXPECT_FALSE(split.train.empty()) << count;
      EXPECT_FALSE(split.val.empty()) << count;
    }
  }
}

TEST_F(FindSamples, ListsAndStemsDefineTheParts) {
  for (const char* stem : {"a", "b", "c", "d"}) add_pair(stem);
  add("val.txt", "# held out\n\n  b.jpg \r\n");
  options_.val_list = "val.txt";
  options_.test_stems = {"c"};
  const Split split = find_samples(options_);
  EXPECT_EQ(names_of(split.train), (Names{"a", "d"}));
  EXPECT_EQ(names_of(split.val), Names{"b"});
  EXPECT_EQ(names_of(split.test), Names{"c"});
  EXPECT_TRUE(split.problems.empty());
  add("train.txt", "d");
  options_.train_list = "train.txt";
  EXPECT_EQ(names_of(find_samples(options_).train), Names{"d"}) << "a training list excludes other samples";
}

TEST_F(FindSamples, UnknownEntriesAndStemsInTwoPartsAreProblems) {
  for (const char* stem : {"a", "b"}) add_pair(stem);
  add("val.txt", "a\nzebra\n");
  options_.val_list = "val.txt";
  options_.test_stems = {"a"};
  const Split split = find_samples(options_);
  ASSERT_EQ(split.problems.size(), 2u);
  EXPECT_TRUE(has_problem(split, "val.txt", "'zebra' names no image that has a mask"));
  EXPECT_TRUE(contains(split.problems[1].text, "data.test_stems: 'a' is in test and in val"));
}

/// Every line names image b, as lists from other systems and programs do.
TEST_F(FindSamples, AListEntryIsANameAFileOrAPath) {
  for (const char* stem : {"a", "b", "c.1"}) add_pair(stem);
  options_.val_list = "val.txt";
  for (const std::string& entry :
       {std::string("b"), std::string("b.jpg"), std::string("b.PNG"), std::string("images/b.jpg"),
        std::string("images/b"), std::string("./images/b.jpg"), std::string("masks/b.png"), folder_ / "images/b.jpg",
        std::string("/home/her/set/images/b.jpg"), std::string("C:\\data\\set\\b.jpg"),
        std::string("b.jpg masks/b.png"), std::string("/SegNet/set/b.png /SegNet/annot/b.png"), std::string("b\t1"),
        std::string("\xEF\xBB\xBF"
                    "b.jpg\r\n"),
        std::string("\xEF\xBB\xBF# validation\r\nb\r\n\r\n")}) {
    add("val.txt", entry);
    const Split split = find_samples(options_);
    EXPECT_EQ(texts_of(split.problems), Names{}) << entry;
    EXPECT_EQ(names_of(split.val), Names{"b"}) << entry;
    EXPECT_EQ(names_of(split.train), (Names{"a", "c.1"})) << entry;
  }
  add("val.txt", "c.1\n");
  EXPECT_EQ(names_of(find_samples(options_).val), Names{"c.1"}) << "a stem with a dot";
}

TEST_F(FindSamples, ListEntriesKeepTheFoldersOfNestedSets) {
  for (const char* stem : {"cats/a", "cats/b", "dogs/a"}) add_pair(stem);
  options_.val_list = "val.txt";
  add("val.txt", "cats/a.jpg\nsomewhere/images/cats/b.jpg\n");
  const Split split = find_samples(options_);
  EXPECT_EQ(texts_of(split.problems), Names{});
  EXPECT_EQ(names_of(split.val), (Names{"cats/a", "cats/b"}));
  add("val.txt", "a.jpg\nbirds/a.jpg\n");
  EXPECT_EQ(find_samples(options_).problems.size(), 2u) << "which a is meant is not guessed";
}

TEST_F(FindSamples, TheEndOfAVeryLongListEntryIsFound) {
  for (const char* stem : {"cats/a", "cats/b"}) add_pair(stem);
  options_.val_list = "val.txt";
  std::string folders;
  for (int i = 0; i < 20000; ++i) folders += "x/";
  add("val.txt", folders + "images/cats/b.jpg\n");
  EXPECT_EQ(names_of(find_samples(options_).val), Names{"cats/b"});
}

TEST_F(FindSamples, NamesInListsMayBeComposedOrNot) {
  const std::string composed = "\xC3\xA4rzte", decomposed = "a\xCC\x88rzte";
  add("images/" + decomposed + ".jpg");
  add("masks/" + composed + ".png");
  add_pair("b");
  add("val.txt", decomposed + ".jpg\n");
  options_.val_list = "val.txt";
  EXPECT_EQ(names_of(find_samples(options_).val), Names{composed});
  add("val.txt", composed + "\n");
  EXPECT_EQ(names_of(find_samples(options_).val), Names{composed});
  options_.val_list = "";
  options_.test_stems = {decomposed};
  EXPECT_EQ(names_of(find_samples(options_).test), Names{composed});
}

TEST_F(FindSamples, AListInUtf16IsRefused) {
  add_pair("a");
  add("val.txt", std::string("\xFF\xFE"
                             "a\0\n\0",
                             6));
  options_.val_list = "val.txt";
  const Split split = find_samples(options_);
  ASSERT_EQ(split.problems.size(), 1u);
  EXPECT_EQ(split.problems[0].kind, FindingKind::split_list);
  EXPECT_TRUE(has_problem(split, "val.txt", "UTF-16"));
}

TEST_F(FindSamples, MissingFoldersAreNamedWithThoseThatExist) {
  const auto missing = [&] { return error_text(ErrorKind::missing_input, [&] { find_samples(options_); }); };
  add("pictures/a.png");
  for (const char* part : {"found: pictures/", "\n  train/, and optionally val/", "\n  images/ and masks/"})
    EXPECT_TRUE(contains(missing(), part));
  options_.split = SplitMode::folders;
  add("images/a.png");
  const std::string text = error_text(ErrorKind::config, [&] { find_samples(options_); });
  EXPECT_TRUE(contains(text, "has no folders for its parts, but data.split is folders"));
  EXPECT_TRUE(contains(text, "--set data.split=auto"));
  options_.split = SplitMode::automatic;
  EXPECT_TRUE(contains(missing(), "/masks: no such folder; found in"));
  add("masks/a.png");
  options_.val_list = "no.txt";
  EXPECT_TRUE(contains(missing(), "no.txt: cannot open"));
  options_.dir = folder_ / "nowhere";
  EXPECT_TRUE(contains(missing(), "nowhere': no such folder. Pass --data DIR"));
}

TEST_F(FindSamples, ADataSetWithoutPairsListsItsOrphans) {
  add("images/a.png");
  add("masks/b.png");
  const Split split = find_samples(options_);
  EXPECT_TRUE(split.train.empty());
  ASSERT_EQ(split.problems.size(), 3u);
  EXPECT_TRUE(has_problem(split, "images/a.png", "no mask"));
  EXPECT_EQ(split.problems[2].kind, FindingKind::no_pair);
}

TEST_F(FindSamples, EverySampleKnowsItsPart) {
  options_.test_fraction = 0.2;
  add_numbered(40);
  const Split split = find_samples(options_);
  for (const Part part : {kTrain, kVal, kTest}) {
    EXPECT_FALSE(split.part(part).empty());
    for (const SampleRef& sample : split.part(part)) EXPECT_EQ(sample.part, part) << sample.name;
  }
}

TEST_F(FindSamples, InvalidSplitOptionsAreRefused) {
  add_pair("a");
  options_.group_pattern = "(";
  EXPECT_NE(config_error([&] { find_samples(options_); }).find("[data.group_pattern] got '('"), std::string::npos);
  options_.split = SplitMode::lists;
  EXPECT_NE(config_error([&] { find_samples(options_); }).find("[data.split] got lists, but no list"),
            std::string::npos);
}

TEST_F(FindSamples, ListPartsLeavesASplitByFractionOpen) {
  add_numbered(10);
  const Split split = list_parts(options_);
  EXPECT_EQ(split.train.size(), 10u);
  ASSERT_TRUE(split.undivided);
  EXPECT_EQ(split.undivided->val, 0.2);
  options_.val_stems = {"case0_0"};
  EXPECT_FALSE(list_parts(options_).undivided);
}

/// The options that a config text gives, and the note about its split.
std::pair<DataOptions, std::string> read_split(const std::string& text) {
  struct Section : Options {
    DataOptions data;
    void fields(FieldVisitor& visit) override { visit("data", data, "the data"); }
  } section;
  const Locations locations = read_options(parse_yaml(text, "my.yaml"), section);
  const auto note = keep_former_split(section.data, locations, "data");
  return {section.data, note.value_or("")};
}

TEST(KeepFormerSplit, AConfigOfAnEarlierProgramIsSplitByName) {
  const std::string all =
      "data:\n  split: auto\n  val_fraction: 0.2\n  group_pattern: \"\"\n  val_stems: []\n  train_list: \"\"\n"
      "  val_list: \"\"\n";
  EXPECT_EQ(read_split(all).first.split_by, SplitBy::name);
  EXPECT_TRUE(contains(read_split(all).second, "my.yaml:2:10: data.split without data.split_by"));
  EXPECT_TRUE(contains(read_split(all).second, "--set data.split_by=auto"));
  const auto [chosen, note] = read_split(all + "  split_by: rank\n");
  EXPECT_EQ(chosen.split_by, SplitBy::rank);
  EXPECT_EQ(note, "");
  const auto [own, own_note] = read_split("data: {val_fraction: 0.1, split: fraction}");
  EXPECT_EQ(own.split_by, SplitBy::automatic) << "what a person writes";
  EXPECT_EQ(own_note, "");
}

TEST(SamplesOf, AnEmptyPartOfAFractionSplitIsTheWholeSet) {
  Split split;
  split.train = {{"b", ImageFile(""), MaskFile("")}};
  split.val = {{"a", ImageFile(""), MaskFile("")}};
  EXPECT_EQ(names_of(samples_of(split, "val")), Names{"a"});
  EXPECT_EQ(names_of(samples_of(split, "all")), (Names{"a", "b"}));
  EXPECT_EQ(names_of(samples_of(split, "test")), (Names{"a", "b"}));
  split.divided = true;
  EXPECT_TRUE(samples_of(split, "test").empty());
  EXPECT_NE(error_text(ErrorKind::usage, [&] { samples_of(split, "vall"); }).find("Did you mean 'val'"),
            std::string::npos);
}

}  // namespace
}  // namespace unet
