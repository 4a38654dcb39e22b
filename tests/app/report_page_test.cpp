#include "app/check/report_page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/check/report_json.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/html_check.h"

namespace unet {
namespace {

class ReportPage : public testing::Test {
 protected:
  ReportPage() {
    for (const char* stem : {"a", "b", "c"}) files_.add_pair(stem);
    files_.add_pair("v", "val/");
  }

  DataReport report(DataOptions options = {}) const {
    options.dir = files_.dir();
    return check_data(open_dataset(options, {2}));
  }

  ReportPictures pictures(const DataReport& report, size_t max_bytes = 1 << 20) const {
    return draw_report_pictures(
        report, out_.path(), [](double) {}, max_bytes);
  }

  /// The page, which has to be whole and self-contained.
  std::string page(const DataReport& report) const {
    const std::string text = to_page(report, to_json(report), pictures(report), {"unet train --data " + files_.dir()});
    EXPECT_EQ(html_fault(text), "");
    EXPECT_EQ(outside_reference(text), "");
    return text;
  }

  DataFiles files_;
  TempFolder out_;
};

size_t times(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(ReportPage, ACleanSetIsReadyAndItsFactsAreShown) {
  const std::string text = page(report());
  EXPECT_TRUE(contains(text, "Ready for training"));
  EXPECT_TRUE(contains(text, "4 images (3 train, 1 val), 2 classes, 3 channels, no warnings."));
  EXPECT_TRUE(contains(text, "<code>unet train --data " + files_.dir() + "</code>"));
  EXPECT_TRUE(contains(text, "all 64 x 64"));
  EXPECT_TRUE(contains(text, "foreground"));
  EXPECT_TRUE(contains(text, "50.0%"));
  EXPECT_TRUE(contains(text, "by folder"));
  EXPECT_TRUE(contains(text, "8 bits"));
  EXPECT_FALSE(contains(text, "id=\"findings\""));
  EXPECT_EQ(times(text, "<img src=\"data:image/"), 4u);
  EXPECT_EQ(times(text, "<img "), times(text, " alt=\""));
}

TEST_F(ReportPage, ProblemsComeFirstWithTheLinesToType) {
  for (const char* stem : {"a", "b", "c"})
    files_.add_mask(std::string("train/masks/") + stem + ".png", files_.noise(64, 64, CV_8UC1));
  const std::string text = page(report());
  EXPECT_TRUE(contains(text, "Cannot be trained yet: 1 problem"));
  const size_t verdict = text.find("class=\"verdict bad\""), setting = text.find("<code>--set ", verdict);
  EXPECT_LT(setting, text.find("<nav")) << "in the verdict";
  EXPECT_TRUE(contains(text, "whose classes are unknown"));
}

TEST_F(ReportPage, FindingsHavePicturesOfExamplesAndSuspiciousOnesComeFirst) {
  const cv::Mat twin = files_.noise();
  files_.add_image("train/images/a.png", twin);
  files_.add_image("val/images/v.png", twin);
  files_.add_mask("train/masks/b.png", DataFiles::halves(0, 0));
  const std::string text = page(report());
  const size_t findings = text.find("id=\"findings\""), pictures = text.find("id=\"pictures\"");
  ASSERT_LT(findings, pictures);
  EXPECT_EQ(times(text.substr(findings, pictures - findings), "<img "), 3u) << "both of the leak, and the empty mask";
  EXPECT_TRUE(contains(text, "leak that inflates scores"));
  EXPECT_TRUE(contains(text, "same as v.png") || contains(text, "same as a.png"));
  EXPECT_LT(text.find("Suspicious: 3"), text.find("Training images: a sample of 3"));
}

TEST_F(ReportPage, HostileNamesAreHarmless) {
  const std::string names[] = {"<img src=x onerror=alert(1)>", "a\" onload=\"x", "&amp; 'b'"};
  for (const std::string& name : names) {
    files_.add_pair(name);
    files_.add_mask("train/masks/" + name + ".png", DataFiles::halves(255, 255));
  }
  files_.add_file("train/images/\xFF<script>.png", "no image");
  const std::string text = page(report());
  EXPECT_TRUE(contains(text, "&lt;img src=x onerror=alert(1)&gt;.png"));
  EXPECT_TRUE(contains(text, "\xEF\xBF\xBD&lt;script&gt;.png"));
  EXPECT_TRUE(contains(text, "&amp;amp; &#39;b&#39;.png"));
  EXPECT_EQ(text.find("<img src=x"), std::string::npos);
  EXPECT_EQ(text.find('\xFF'), std::string::npos);
}

TEST_F(ReportPage, FactsWithoutAChapterOfTheirOwnAreShown) {
  const DataReport checked = report();
  nlohmann::json document = to_json(checked);
  document["new_facts"] = {{"thickness", 3.5}};
  const std::string text = to_page(checked, document, pictures(checked), {});
  EXPECT_TRUE(contains(text, "new facts"));
  EXPECT_TRUE(contains(text, "<dt>thickness</dt><dd>3.5</dd>"));
  EXPECT_TRUE(contains(text, "size: [64, 64]")) << "the suggested crop";
}

TEST_F(ReportPage, PicturesAreLeftOutWhereThePageWouldGrowTooLarge) {
  const DataReport checked = report();
  const size_t one = pictures(checked).pictures.at(0).uri.size();
  ASSERT_GT(one, 0u);
  const ReportPictures few = pictures(checked, one + one / 2);
  size_t bytes = 0, shown = 0;
  for (const ReportPicture& picture : few.pictures) {
    bytes += picture.uri.size();
    shown += picture.uri.empty() ? 0 : 1;
  }
  EXPECT_LE(bytes, one + one / 2);
  EXPECT_EQ(shown, 1u);
  EXPECT_EQ(few.pictures.size(), 4u);
  EXPECT_TRUE(contains(to_page(checked, to_json(checked), few, {}), "no room on this page"));
}

TEST_F(ReportPage, DeepImagesAreStretchedInTheirCaption) {
  for (const char* name : {"train/images/a.png", "train/images/b.png", "train/images/c.png", "val/images/v.png"})
    files_.add_image(name, files_.noise(64, 64, CV_16UC1) / 32);
  const ReportPictures drawn = pictures(report());
  ASSERT_EQ(drawn.pictures.size(), 4u);
  for (const ReportPicture& picture : drawn.pictures) EXPECT_TRUE(contains(picture.notes.at(1), "of 65535"));
}

}  // namespace
}  // namespace unet
