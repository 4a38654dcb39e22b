#include "data/dataset/finding_groups.h"

#include <gtest/gtest.h>

#include "configs/schema/error.h"

namespace unet {
namespace {

constexpr const char* kFolder = "/data/my set";

/// A finding about a file of the data set.
Finding about(const std::string& file, const std::string& what, FindingKind kind = FindingKind::unreadable) {
  const std::string path = std::string(kFolder) + "/" + file;
  return {kind, path, path + ": " + what, ""};
}

std::string listed(const std::vector<FindingLine>& lines) {
  std::string text;
  for (const FindingLine& line : lines) text += std::string(line.depth, '>') + line.text + "\n";
  return text;
}

TEST(FindingGroups, EqualAdviceIsSaidOnceBeforeThreeExamples) {
  std::vector<Finding> findings;
  for (int i = 0; i < 8; ++i)
    findings.push_back(about(concat("masks/im ", i, ".png"),
                             concat("got a mask of ", 63 + i, "x64 pixels for an image of 64x64 (", kFolder,
                                    "/images/im ", i, ".png), expected equal sizes. Check that they belong together"),
                             FindingKind::size_mismatch));
  const auto groups = group_findings(findings, kFolder);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].kind, FindingKind::size_mismatch);
  EXPECT_EQ(groups[0].count, 8u);
  EXPECT_EQ(groups[0].cause, "Check that they belong together");
  ASSERT_EQ(groups[0].examples.size(), kFindingExamples);
  EXPECT_EQ(groups[0].examples[1],
            "masks/im 1.png: got a mask of 64x64 pixels for an image of 64x64 (images/im 1.png), expected equal sizes");
  EXPECT_EQ(listed(finding_lines(groups, 5)), title_of(FindingKind::size_mismatch) + ": 8\n>" + groups[0].cause +
                                                  "\n>>" + groups[0].examples[0] + "\n>>" + groups[0].examples[1] +
                                                  "\n>>" + groups[0].examples[2] + "\n>>and 5 more\n");
}

TEST(FindingGroups, CausesOfOneKindAreApartAndTheMostFrequentIsFirst) {
  std::vector<Finding> findings;
  findings.push_back(about("a.png", "truncated: got 12 bytes, expected at least 40. Copy or download it again"));
  for (const char* file : {"b.png", "c.png", "d.png", "e.png"})
    findings.push_back(about(file, "the file is empty. Copy or download it again"));
  findings.push_back(about("f.png", "truncated: got 7 bytes, expected at least 9. Copy or download it again"));
  const auto groups = group_findings(findings, kFolder);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_TRUE(groups[0].has_names_only);
  EXPECT_EQ(groups[0].cause, "the file is empty. Copy or download it again");
  EXPECT_EQ(groups[1].count, 2u);
  EXPECT_EQ(listed(finding_lines(groups, 5)), title_of(FindingKind::unreadable) +
                                                  ": 6\n"
                                                  ">4 times: the file is empty. Copy or download it again\n"
                                                  ">>b.png, c.png, d.png and 1 more\n"
                                                  ">2 times: Copy or download it again\n"
                                                  ">>a.png: truncated: got 12 bytes, expected at least 40\n"
                                                  ">>f.png: truncated: got 7 bytes, expected at least 9\n");
  EXPECT_EQ(listed(finding_lines(groups, 1)), title_of(FindingKind::unreadable) +
                                                  ": 6\n"
                                                  ">4 times: the file is empty. Copy or download it again\n"
                                                  ">>b.png, c.png, d.png and 1 more\n"
                                                  ">and 2 more of 1 other cause\n");
}

TEST(FindingGroups, ListsOfDifferentLengthsAreOneCause) {
  std::vector<Finding> findings;
  findings.push_back(about("a.png", "got mask values without a class: 7 (12 pixels), expected keys of data.labels"));
  findings.push_back(about("b.png",
                           "got mask values without a class: 5 (1 pixels), 7 (3 pixels), 9 (4 pixels), "
                           "expected keys of data.labels"));
  EXPECT_EQ(group_findings(findings, kFolder).size(), 1u);
}

TEST(FindingGroups, OneFindingKeepsItsTextAndPathsOutsideTheFolderTheirs) {
  const std::string text = std::string("/elsewhere") + kFolder + "/a.png: no image; see " + kFolder + "/b.png";
  const auto groups = group_findings({{FindingKind::orphan, "", text, ""}}, kFolder);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].cause, "");
  EXPECT_EQ(groups[0].examples,
            std::vector<std::string>{std::string("/elsewhere") + kFolder + "/a.png: no image; see b.png"});
}

TEST(FindingGroups, LinesOfATextAreIndentedInAMessage) {
  const std::vector<Finding> findings{{FindingKind::labels, "", "say what they are:\n  classes: --set X", ""}};
  EXPECT_EQ(finding_list(findings, kFolder),
            "\n  " + title_of(FindingKind::labels) + ": 1\n    say what they are:\n      classes: --set X");
}

TEST(FindingGroups, KindsKeepTheirOrder) {
  const auto groups = group_findings(
      {about("b.png", "no mask", FindingKind::orphan), about("a.png", "the file is empty", FindingKind::unreadable),
       about("c.png", "the file is empty", FindingKind::unreadable)},
      kFolder);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].kind, FindingKind::orphan);
  EXPECT_EQ(groups[0].examples, std::vector<std::string>{"b.png: no mask"});
  EXPECT_EQ(groups[1].cause, "the file is empty");
  EXPECT_EQ(groups[1].examples, (std::vector<std::string>{"a.png", "c.png"}));
}

}  // namespace
}  // namespace unet
