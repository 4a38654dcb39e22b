// What label values mean: recognized, or refused with settings that work.

#include "data/dataset/label_inference.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "data/dataset/label_map.h"
#include "data/dataset/open_dataset.h"
#include "data/dataset/voc_palette.h"
#include "data/samples/preprocessing.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/hints.h"

namespace unet {
namespace {

constexpr int kSide = 64;

/// Discs of the values 1 to `classes` - 1 on 0, at other places for each seed.
cv::Mat discs(int seed, int classes, int radius = 12) {
  cv::Mat mask = cv::Mat::zeros(kSide, kSide, CV_8UC1);
  for (int value = 1; value < classes; ++value) {
    const cv::Point center((value * 37 + seed * 11) % kSide, (value * 23 + seed * 17) % kSide);
    cv::circle(mask, center, radius, cv::Scalar(value), cv::FILLED);
  }
  return mask;
}

/// The mask with its outlines in `value`, as Pascal VOC has them.
cv::Mat with_borders(const cv::Mat& mask, int value) {
  cv::Mat high, low;
  cv::dilate(mask, high, cv::Mat());
  cv::erode(mask, low, cv::Mat());
  cv::Mat bordered = mask.clone();
  bordered.setTo(value, high != low);
  return bordered;
}

cv::Mat painted(const cv::Mat& mask, const std::vector<cv::Vec3b>& colors) {
  cv::Mat image(mask.size(), CV_8UC3);
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) image.at<cv::Vec3b>(y, x) = colors[mask.at<uint8_t>(y, x)];
  return image;
}

std::string palette_png(const cv::Mat& mask, const std::vector<cv::Vec3b>& palette) {
  std::string colors;
  for (const cv::Vec3b& color : palette)
    for (int c = 0; c < 3; ++c) colors += static_cast<char>(color[c]);
  std::vector<std::string> rows;
  for (int y = 0; y < mask.rows; ++y) rows.emplace_back(mask.ptr<char>(y), static_cast<size_t>(mask.cols));
  return png_file(static_cast<uint32_t>(mask.cols), static_cast<uint32_t>(mask.rows), 8, 3, rows,
                  png_chunk("PLTE", colors));
}

class Masks : public testing::Test {
 protected:
  Masks() {
    options_.dir = files_.dir();
    options_.val_fraction = 0;
  }

  void add(const cv::Mat& mask) {
    files_.add_image(image_name(), files_.noise(mask.rows, mask.cols));
    files_.add_mask("masks/" + std::to_string(count_++) + ".png", mask);
  }
  void add_bytes(const std::string& extension, const std::string& bytes) {
    files_.add_image(image_name(), files_.noise(kSide, kSide));
    files_.add_file("masks/" + std::to_string(count_++) + extension, bytes);
  }

  Dataset open() const { return open_dataset(options_, {2}); }

  /// Opens the set, which must be accepted.
  Dataset accepted() const {
    Dataset dataset = open();
    EXPECT_EQ(texts_of(dataset.problems), std::vector<std::string>{});
    return dataset;
  }

  /// Returns all problems and checks that the set is accepted with each of the settings that they propose.
  std::string refused(size_t hints) const {
    std::string text;
    for (const Finding& problem : open().problems) text += problem.text + "\n";
    EXPECT_NE(text, "");
    const auto proposed = hints_of(text);
    EXPECT_EQ(proposed.size(), hints) << text;
    for (const auto& hint : proposed) {
      DataOptions options = options_;
      apply_hint(hint, options);
      const Dataset dataset = open_dataset(options, {2});
      EXPECT_EQ(texts_of(dataset.problems), std::vector<std::string>{}) << testing::PrintToString(hint);
      EXPECT_GE(label_map(dataset.options).num_classes(), 2) << testing::PrintToString(hint);
      const Preprocessing preprocessing(dataset.options);
      for (const SampleRef& sample : dataset.samples) EXPECT_NO_THROW(preprocessing.load(sample));
    }
    return text;
  }

  static std::string decisions(const Dataset& dataset) {
    std::string text;
    for (const std::string& line : dataset.decisions) text += line + "\n";
    return text;
  }

  DataFiles files_;
  DataOptions options_;

 private:
  std::string image_name() const { return "images/" + std::to_string(count_) + ".png"; }

  int count_ = 0;
};

TEST_F(Masks, ThinBordersOf255BesideIndicesAreIgnored) {
  for (int i = 0; i < 4; ++i) add(with_borders(discs(i, 3), 255));
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(dataset.options.ignore_values, std::vector<LabelKey>{255});
  EXPECT_TRUE(contains(decisions(dataset), "255 ("));
  EXPECT_TRUE(contains(decisions(dataset), "--set 'data.ignore_values=[255]'"));
}

std::vector<cv::Vec3b> voc_palette() {
  std::vector<cv::Vec3b> palette;
  for (int i = 0; i < 256; ++i) palette.push_back(voc_color(i));
  return palette;
}

TEST(VocPalette, HasTheColorsOfTheDevelopmentKit) {
  EXPECT_EQ(voc_color(0), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(voc_color(1), cv::Vec3b(128, 0, 0));
  EXPECT_EQ(voc_color(15), cv::Vec3b(192, 128, 128));
  EXPECT_EQ(voc_color(20), cv::Vec3b(0, 64, 128));
  EXPECT_EQ(voc_color(255), cv::Vec3b(224, 224, 192));
}

TEST_F(Masks, TheVoidColorOfTheVocPaletteIsIgnored) {
  for (int i = 0; i < 4; ++i) {
    cv::Mat mask = with_borders(discs(i, 3), 255);
    mask(cv::Rect(0, 0, 20, 20)) = cv::Scalar(255);  // VOC also marks whole objects
    add(painted(mask, voc_palette()));
  }
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels,
            (LabelClasses{{gray_color(0), 0}, {color_value(0, 128, 0), 1}, {color_value(128, 0, 0), 2}}));
  EXPECT_EQ(dataset.options.ignore_values, std::vector<LabelKey>{color_value(224, 224, 192)});
  EXPECT_TRUE(contains(decisions(dataset), "data.ignore_values=[\"#e0e0c0\"]"));
}

TEST_F(Masks, TheSameColorBesideOthersIsAClass) {
  std::vector<cv::Vec3b> colors = voc_palette();
  colors[2] = cv::Vec3b(10, 20, 30);
  for (int i = 0; i < 4; ++i) add(painted(with_borders(discs(i, 3), 255), colors));
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels.count(color_value(224, 224, 192)), 1u);
  EXPECT_EQ(dataset.options.ignore_values, std::vector<LabelKey>{});
}

TEST_F(Masks, AreasOf255BesideIndicesAreLeftToTheUser) {
  for (int i = 0; i < 4; ++i) {
    cv::Mat mask = discs(i, 3);
    mask(cv::Rect(0, 0, 20, 20)) = cv::Scalar(255);
    add(mask);
  }
  const std::string text = refused(2);
  EXPECT_TRUE(contains(text, "got mask values without a class in 4 of 4 masks: 255 (1600 pixels in 4 masks: "));
  EXPECT_TRUE(contains(text, "masks/2.png and 1 more)"));
  EXPECT_TRUE(contains(text, "--set 'data.ignore_values=[255]'"));
  EXPECT_TRUE(contains(text, "--set 'data.labels={0: 0, 1: 1, 2: 2, 255: 3}'"));
}

TEST_F(Masks, DotsOf255OnOneClassAreNoBorder) {
  for (int i = 0; i < 4; ++i) {
    cv::Mat mask = cv::Mat::zeros(kSide, kSide, CV_8UC1);
    mask.rowRange(0, 20) = cv::Scalar(1);
    cv::circle(mask, {32, 45}, 3, cv::Scalar(255), cv::FILLED);
    add(mask);
  }
  refused(2);
}

TEST_F(Masks, BlurredEdgesAreDividedByAThreshold) {
  for (int i = 0; i < 4; ++i) {
    cv::Mat mask = discs(i, 2) * 255;
    cv::GaussianBlur(mask, mask, {5, 5}, 0);
    add(mask);
  }
  const Dataset dataset = accepted();
  const LabelMap labels = label_map(dataset.options);
  EXPECT_EQ(labels.num_classes(), 2);
  EXPECT_EQ(labels.class_of(127), 0);
  EXPECT_EQ(labels.class_of(128), 1);
  const cv::Mat written = labels.to_values((cv::Mat_<uint8_t>(1, 2) << 0, 1));
  EXPECT_EQ(written.at<uint8_t>(0), 0);
  EXPECT_EQ(written.at<uint8_t>(1), 255);
  EXPECT_TRUE(contains(decisions(dataset), "soft edges: "));
  EXPECT_TRUE(contains(decisions(dataset), "--set data.threshold=128"));
}

TEST_F(Masks, WideBlurIsProposedAsAThresholdOnly) {
  for (int i = 0; i < 4; ++i) {
    cv::Mat mask = discs(i, 2, 14) * 255;
    cv::GaussianBlur(mask, mask, {13, 13}, 0);
    add(mask);
  }
  const std::string text = refused(1);
  EXPECT_TRUE(contains(text, "soft edges: "));
  EXPECT_TRUE(contains(text, "--set data.threshold=128"));
}

TEST_F(Masks, CompressedValuesTakeTheClassOfTheNearestPeak) {
  for (int i = 0; i < 4; ++i)
    add_bytes(".jpg", encode_image(".jpg", discs(i, 2, 16) * 255, {cv::IMWRITE_JPEG_QUALITY, 85}));
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {255, 1}}));
  EXPECT_GT(dataset.options.snap, 0);
  EXPECT_EQ(label_map(dataset.options).class_of(3), 0);
  EXPECT_TRUE(contains(decisions(dataset), "compression changed the values of 4 of 4 masks"));
}

TEST_F(Masks, CompressedIndicesCannotBeToldApart) {
  for (int i = 0; i < 4; ++i) add_bytes(".jpg", encode_image(".jpg", discs(i, 4), {cv::IMWRITE_JPEG_QUALITY, 85}));
  EXPECT_TRUE(contains(refused(1), "lossy compression"));
}

TEST_F(Masks, ObjectNumbersAreOneClass) {
  for (int i = 0; i < 4; ++i) {
    cv::Mat mask = cv::Mat::zeros(kSide, kSide, CV_16UC1);
    for (int k = 0; k < 25; ++k)
      cv::circle(mask, {6 + k % 5 * 12, 6 + k / 5 * 12}, 4, cv::Scalar(i * 100 + k + 1), cv::FILLED);
    add(mask);
  }
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {LabelKey(1, 65535), 1}}));
  EXPECT_TRUE(contains(decisions(dataset), "object numbers: 100 values from 1 to 325"));
}

TEST_F(Masks, ObjectsRenumberedInEachMaskAreOneClass) {
  for (const int objects : {5, 9, 14, 25}) {
    cv::Mat mask = cv::Mat::zeros(kSide, kSide, CV_8UC1);
    for (int k = 0; k < objects; ++k)
      cv::circle(mask, {6 + k % 5 * 12, 6 + k / 5 * 12}, 4, cv::Scalar(k + 1), cv::FILLED);
    add(mask);
  }
  EXPECT_EQ(accepted().options.labels, (LabelClasses{{0, 0}, {LabelKey(1, 65535), 1}}));
}

TEST_F(Masks, ManyConnectedValuesInEveryMaskAreRefusedWithBothReadings) {
  for (int i = 0; i < 2; ++i) {
    cv::Mat mask = cv::Mat::zeros(kSide, kSide, CV_8UC1);
    for (int k = 0; k < 49; ++k)
      cv::circle(mask, {5 + k % 7 * 9, 5 + k / 7 * 9}, 3, cv::Scalar((k + i * 7) % 49 + 1), cv::FILLED);
    add(mask);
  }
  const std::string text = refused(3);
  EXPECT_TRUE(contains(text, "{0: 0, 1-65535: 1}"));
  EXPECT_TRUE(contains(text, "49: 49}"));
}

TEST_F(Masks, ValuesThatBeginAtOneAreClassesFromZero) {
  for (int i = 0; i < 3; ++i) add(discs(i, 3) + 1);
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{1, 0}, {2, 1}, {3, 2}}));
  EXPECT_TRUE(contains(decisions(dataset), "begin at 1"));
}

TEST_F(Masks, EmptyMasksAreRefused) {
  for (int i = 0; i < 3; ++i) add(cv::Mat::zeros(kSide, kSide, CV_8UC1));
  EXPECT_TRUE(contains(refused(1), "every mask pixel has the value 0 (12288 pixels of 3 masks)"));
}

TEST_F(Masks, ASingleClassIsRefused) {
  add(DataFiles::halves(0, 255));
  options_.labels = {{0, 0}};
  EXPECT_TRUE(contains(refused(1), "--set 'data.labels={0: 0, 255: 1}'"));
  options_.ignore_values = {255};
  EXPECT_TRUE(contains(refused(1), "--set 'data.labels={0: 0, 1: 1}'"));
}

TEST_F(Masks, AGrayImageIsRefused) {
  cv::Mat ramp(kSide, 256, CV_8UC1);
  for (int x = 0; x < 256; ++x) ramp.col(x) = cv::Scalar(x);
  cv::randShuffle(ramp);
  add(ramp);
  EXPECT_TRUE(contains(refused(2), "cannot infer the classes"));
}

TEST_F(Masks, ValuesWithoutARuleAreRefusedWithACompleteMap) {
  cv::Mat mask = DataFiles::halves(0, 40);
  mask.rowRange(0, 20) = cv::Scalar(90);
  add(mask);
  EXPECT_TRUE(contains(refused(3), "--set 'data.labels={0: 0, 40: 1, 90: 2}'"));
}

TEST_F(Masks, ColorsAreClassesInTheOrderOfTheirValues) {
  const std::vector<cv::Vec3b> colors{{0, 0, 0}, {128, 0, 0}, {0, 128, 128}};
  for (int i = 0; i < 3; ++i) add(painted(discs(i, 3), colors));
  add(cv::Mat::zeros(kSide, kSide, CV_8UC1));  // all black is read as gray
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels,
            (LabelClasses{{color_value(0, 0, 0), 0}, {color_value(0, 128, 128), 1}, {color_value(128, 0, 0), 2}}));
  EXPECT_EQ(dataset.options.class_colors, (std::vector<std::string>{"#000000", "#008080", "#800000"}));
  EXPECT_TRUE(contains(decisions(dataset), "colors in the masks: #000000 ("));
}

TEST_F(Masks, ColorsAmongIndicesAreRefusedByName) {
  for (int i = 0; i < 2; ++i) add(discs(i, 3));
  add(painted(discs(2, 3), {{0, 0, 0}, {128, 0, 0}, {0, 128, 128}}));
  std::string text;
  for (const Finding& problem : open().problems) text += problem.text + "\n";
  EXPECT_TRUE(contains(text, "got 1 masks in colors and 2 with gray values"));
  EXPECT_TRUE(contains(text, "masks/2.png"));
  EXPECT_FALSE(contains(text, "masks/0.png"));
}

TEST_F(Masks, SoftEdgesBetweenColorsAreRefusedWithASnapThatWorks) {
  for (int i = 0; i < 3; ++i) {
    cv::Mat mask = painted(discs(i, 3), {{0, 0, 0}, {200, 0, 0}, {0, 0, 200}});
    cv::GaussianBlur(mask, mask, {3, 3}, 0);
    add(mask);
  }
  EXPECT_TRUE(contains(refused(1), "\"#c80000\": "));
}

TEST_F(Masks, ListsOfClassesGiveNamesAndColors) {
  const std::vector<cv::Vec3b> colors{{128, 0, 0}, {0, 0, 0}, {0, 128, 128}};
  for (int i = 0; i < 3; ++i) add(painted(discs(i, 3), colors));
  files_.add_file("labelmap.txt",
                  "# label:color_rgb:parts:actions\nground:128,0,0::\ndisc:0,0,0::\nblue:0,128,128::\n");
  Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.class_names, (std::vector<std::string>{"ground", "disc", "blue"}));
  EXPECT_EQ(dataset.options.labels.at(color_value(0, 0, 0)), 1);
  EXPECT_TRUE(contains(decisions(dataset), "labelmap.txt"));

  std::filesystem::remove(files_ / "labelmap.txt");
  files_.add_file("class_dict.csv",
                  "\xEF\xBB\xBFname, r, g, b\r\nground, 128, 0, 0\r\nVoid, 0, 0, 0\r\nblue, 0, 128, 128\r\n");
  dataset = accepted();
  EXPECT_EQ(dataset.options.class_names, (std::vector<std::string>{"ground", "blue"}));
  EXPECT_EQ(dataset.options.ignore_values, std::vector<LabelKey>{color_value(0, 0, 0)});

  std::filesystem::remove(files_ / "class_dict.csv");
  files_.add_file("masks/label_colors.txt", "128 0 0\tthe ground\n0 0 0\t disc\n0 128 128\tblue\n");
  dataset = accepted();
  EXPECT_EQ(dataset.options.class_names, (std::vector<std::string>{"the ground", "disc", "blue"}));
  EXPECT_EQ(dataset.options.class_colors[0], "#800000");
}

TEST_F(Masks, ADamagedListOfClassesNamesItsLine) {
  add(DataFiles::halves(0, 255));
  files_.add_file("labelmap.txt", "ground:0,0,0::\ndisc:0,0,300::\n");
  ASSERT_EQ(open().problems.size(), 1u);
  EXPECT_TRUE(contains(open().problems[0].text, "labelmap.txt:2: got 'disc:0,0,300::'"));
}

TEST_F(Masks, ListsNameIndicesByLine) {
  for (int i = 0; i < 3; ++i) add(discs(i, 3));
  files_.add_file("class_dict.csv", "name,r,g,b\nground,10,20,30\ndisc,128,0,0\nblue,0,128,128\n");
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.class_names, (std::vector<std::string>{"ground", "disc", "blue"}));
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}}));
}

TEST_F(Masks, PaletteIndicesAreClassesInTheColorsOfThePalette) {
  for (int i = 0; i < 3; ++i) add_bytes(".png", palette_png(discs(i, 3), {{0, 0, 0}, {128, 0, 0}, {0, 128, 0}}));
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(dataset.options.class_colors, (std::vector<std::string>{"#000000", "#800000", "#008000"}));
}

TEST_F(Masks, AListKeepsTheIndexOfAClassThatNoPaletteMaskShows) {
  const std::vector<cv::Vec3b> palette{{0, 0, 0}, {128, 0, 0}, {0, 128, 0}, {0, 0, 128}};
  for (int i = 0; i < 3; ++i) {
    cv::Mat mask = discs(i, 3);
    mask.setTo(3, mask == 2);
    add_bytes(".png", palette_png(mask, palette));
  }
  files_.add_file("class_dict.csv", "name,r,g,b\nground,0,0,0\ncar,128,0,0\nbus,0,128,0\ntree,0,0,128\n");
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
  EXPECT_EQ(dataset.options.class_names, (std::vector<std::string>{"ground", "car", "bus", "tree"}));
}

TEST_F(Masks, PalettesThatDifferAreRefusedAndTheirColorsCanBeRead) {
  add_bytes(".png", palette_png(discs(0, 3), {{0, 0, 0}, {128, 0, 0}, {0, 128, 0}}));
  add_bytes(".png", palette_png(discs(1, 3), {{0, 0, 0}, {0, 128, 0}, {128, 0, 0}}));
  const std::string text = refused(2);
  EXPECT_TRUE(contains(text, "masks/0.png (#800000)"));
  EXPECT_TRUE(contains(text, "masks/1.png (#008000)"));
  EXPECT_TRUE(contains(text, "--set data.palette=colors"));
}

TEST_F(Masks, AlphaIsReadWhereOnlyAlphaVaries) {
  for (int i = 0; i < 3; ++i) {
    cv::Mat mask(kSide, kSide, CV_8UC4, cv::Scalar(255, 0, 0, 0));
    mask.setTo(cv::Scalar(255, 0, 0, 255), discs(i, 2) != 0);
    add(mask);
  }
  const Dataset dataset = accepted();
  EXPECT_EQ(dataset.options.mask_channel, MaskChannel::alpha);
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {255, 1}}));
  EXPECT_TRUE(contains(decisions(dataset), "data.mask_channel: alpha"));
}

TEST_F(Masks, TransparentColorsAreRefused) {
  cv::Mat mask(kSide, kSide, CV_8UC4, cv::Scalar(255, 0, 0, 0));
  mask.setTo(cv::Scalar(0, 255, 0, 255), discs(0, 2) != 0);
  add(mask);
  std::string text;
  for (const Finding& problem : open().problems) text += problem.text;
  EXPECT_TRUE(contains(text, "data.mask_channel: alpha"));
}

TEST_F(Masks, AThresholdDividesValuesAndContradictsLabels) {
  cv::Mat mask = DataFiles::halves(10, 200);
  mask.rowRange(0, 20) = cv::Scalar(99);
  add(mask);
  options_.threshold = 100;
  options_.ignore_values = {99};
  const Dataset dataset = accepted();
  const LabelMap labels = label_map(dataset.options);
  EXPECT_EQ(labels.class_of(98), 0);
  EXPECT_EQ(labels.class_of(99), kIgnoreLabel);
  EXPECT_EQ(labels.class_of(100), 1);
  EXPECT_EQ(labels.class_of(255), 1);
  EXPECT_EQ(labels.to_values((cv::Mat_<uint8_t>(1, 2) << 0, 1)).at<uint8_t>(1), 200);
  DataOptions again = dataset.options;
  EXPECT_TRUE(open_dataset(again, {1}).problems.empty()) << "as a resumed run has them";
  again.threshold = 50;
  ASSERT_FALSE(open_dataset(again, {1}).problems.empty());
  EXPECT_TRUE(contains(open_dataset(again, {1}).problems[0].text, "[data.threshold] got 50, but data.labels gives"));
}

TEST_F(Masks, WholeNumbersInFloatsAreIndices) {
  cv::Mat mask;
  discs(0, 3).convertTo(mask, CV_32F);
  files_.add_image("images/f.png", files_.noise(kSide, kSide));
  std::filesystem::create_directories(files_ / "masks");
  write_tiff_pages(files_ / "masks/f.tif", {mask});
  EXPECT_EQ(accepted().options.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}}));
}

}  // namespace
}  // namespace unet
