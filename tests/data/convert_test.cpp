// Conversions are read again, by config.yaml and without it, and compared with their source pixel by pixel.

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "configs/schema/reader.h"
#include "data/convert/conversion.h"
#include "data/dataset/label_map.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/error_text.h"
#include "tests/support/file_text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

constexpr int kConvertedSide = 20;

/// A mask of values 0, 1, ... `classes` - 1 in areas, one of them with a hole.
cv::Mat areas(int shift, int classes) {
  cv::Mat mask(kConvertedSide, kConvertedSide + 4, CV_8UC1, cv::Scalar(0));
  for (int c = 1; c < classes; ++c) mask({(4 * c + shift) % 16, 3 * c, 7, 6}) = cv::Scalar(c);
  mask({(5 + shift) % 16, 5, 2, 2}) = cv::Scalar(0);
  return mask;
}

cv::Mat in_colors(const cv::Mat& values, const std::vector<cv::Vec3b>& colors) {
  cv::Mat mask(values.size(), CV_8UC3);
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) mask.at<cv::Vec3b>(y, x) = colors.at(values.at<uint8_t>(y, x));
  return mask;
}

DataOptions options_of_config(const std::string& folder) {
  const Tree tree = parse_yaml(file_text(folder + "/config.yaml"), "config.yaml");
  DataOptions options;
  read_options(*tree.find("data"), options);
  return options;
}

class Conversions : public testing::TestWithParam<const char*> {
 protected:
  Conversions() { options_.dir = files_.dir(); }

  void add(const std::string& name, const cv::Mat& image, const cv::Mat& mask) {
    files_.add_image("images/" + name + ".png", image);
    files_.add_mask("masks/" + name + ".png", mask);
  }
  cv::Mat pixels(int type = CV_8UC3) { return files_.noise(kConvertedSide, kConvertedSide + 4, type); }

  Dataset open() const {
    Dataset dataset = open_dataset(options_, {2});
    EXPECT_EQ(texts_of(dataset.problems), Texts{});
    return dataset;
  }

  Conversion convert(const std::string& format) {
    ConversionOptions conversion{format, out(), options_, {}, {}};
    conversion.writing.threads = 3;
    fs::remove_all(out());
    return convert_dataset(open(), conversion);
  }

  /// Converts, opens the result by its config.yaml and expects the same parts, pixels and classes.
  Dataset round_trip(const std::string& format) {
    remarks_ = join(convert(format).remarks, "\n");
    const Dataset before = open(), after = open_dataset(options_of_config(out()), {2});
    EXPECT_EQ(texts_of(after.problems), Texts{});
    expect_equal_sets(before, after);
    EXPECT_EQ(after.options.class_names.size(), before.options.class_names.size());
    return after;
  }

  static void expect_equal_sets(const Dataset& before, const Dataset& after) {
    ASSERT_EQ(after.samples.size(), before.samples.size());
    const LabelMap from = label_map(before.options), to = label_map(after.options);
    ValueCounts unknown;
    for (size_t i = 0; i < before.samples.size(); ++i) {
      const std::string& name = before.samples[i].name;
      EXPECT_EQ(after.part(i), before.part(i)) << name;
      const RawSample a = read_sample(before.samples[i]), b = read_sample(after.samples[i]);
      ASSERT_EQ(a.image.pixels.type(), b.image.pixels.type()) << name;
      EXPECT_EQ(cv::norm(a.image.pixels.reshape(1), b.image.pixels.reshape(1), cv::NORM_INF), 0) << name;
      EXPECT_EQ(before.scan.invalid[i], after.scan.invalid[i]) << name;
      const cv::Mat classes = from.to_classes(a.labels.values, unknown),
                    again = to.to_classes(b.labels.values, unknown);
      EXPECT_EQ(cv::countNonZero(classes != again), 0) << name;
    }
    EXPECT_EQ(unknown, ValueCounts{});
  }

  std::string out() const { return out_ / "converted"; }
  std::string written(const std::string& name) const { return file_text(out() + "/" + name); }
  bool is_written(const std::string& name) const { return fs::exists(fs::path(out()) / name); }

  DataFiles files_;
  TempFolder out_;
  DataOptions options_;
  std::string remarks_;
};

TEST_P(Conversions, ColorMasksWithNamesAndIgnoredPixels) {
  const std::vector<cv::Vec3b> colors{{0, 0, 0}, {128, 0, 0}, {0, 128, 128}, {224, 224, 192}};
  for (int i = 0; i < 4; ++i) add("im" + std::to_string(i), pixels(), in_colors(areas(i, 4), colors));
  files_.add_file("labelmap.txt", "background:0,0,0::\nhouse:128,0,0::\nroad:0,128,128::\nvoid:224,224,192::\n");
  const Dataset after = round_trip(GetParam());
  EXPECT_EQ(after.options.class_names, (Texts{"background", "house", "road"}));
  EXPECT_EQ(after.options.class_colors, (Texts{"#000000", "#800000", "#008080"}));
  EXPECT_EQ(after.options.ignore_values.size(), 1u);

  DataOptions alone;
  alone.dir = out();
  const Dataset without_config = open_dataset(alone, {2});
  EXPECT_EQ(texts_of(without_config.problems), Texts{});
  expect_equal_sets(open(), without_config);
  EXPECT_EQ(without_config.options.class_names, after.options.class_names);
}

TEST_P(Conversions, AClass0ThatIsNoBackgroundIsAClassLikeOthers) {
  for (int i = 0; i < 3; ++i) add("im" + std::to_string(i), pixels(), areas(i, 3));
  options_.class_names = {"sky", "background", "sky"};
  const Dataset after = round_trip(GetParam());
  const bool is_plain = GetParam() == std::string("folders");
  EXPECT_EQ(after.options.labels.begin()->first, LabelKey(is_plain ? 0 : 1));
  EXPECT_EQ(after.options.class_names, is_plain ? options_.class_names : (Texts{"sky", "background class", "sky-2"}));
}

TEST_P(Conversions, PagesOfStacksBecomeImages) {
  for (const char* name : {"one", "two"})
    for (const char* kind : {"images", "masks"}) {
      TiffRecipe recipe;
      recipe.pages = 3;
      const bool is_mask = kind == std::string("masks");
      files_.add_file(std::string(kind) + "/" + name + ".tif",
                      tiff_file(is_mask ? areas(name[0] % 3, 3) : pixels(CV_16UC1), recipe));
    }
  options_.val_fraction = 0.5;
  EXPECT_EQ(round_trip(GetParam()).samples.size(), 6u);
  EXPECT_TRUE(contains(remarks_, "6 written without loss"));
}

TEST_P(Conversions, FloatsOfManyChannelsKeepMissingValues) {
  for (int i = 0; i < 3; ++i) {
    const std::string name = "im" + std::to_string(i);
    for (int channel = 0; channel < 5; ++channel) {
      cv::Mat band;
      pixels(CV_16UC1).convertTo(band, CV_32F, -0.125);
      band({3, 4, 2, 5}) = std::numeric_limits<float>::quiet_NaN();
      TiffRecipe recipe;
      recipe.format = SAMPLEFORMAT_IEEEFP;
      files_.add_file(concat("imagesTr/", name, "_000", channel, ".tif"), tiff_file(band, recipe));
    }
    files_.add_mask("labelsTr/" + name + ".png", areas(i, 3));
  }
  const Dataset after = round_trip(GetParam());
  EXPECT_EQ(after.options.channels, 5);
  EXPECT_EQ(after.scan.invalid[0], 10);
}

TEST_P(Conversions, PartsOfListsStay) {
  for (int i = 0; i < 6; ++i) add("im" + std::to_string(i), pixels(), areas(i, 2));
  files_.add_file("val.txt", "im1\nim4\n");
  options_.val_list = "val.txt";
  options_.test_stems = {"im5"};
  const Dataset after = round_trip(GetParam());
  EXPECT_EQ(after.usable({kVal}).size(), 2u);
  EXPECT_EQ(after.usable({kTest}).size(), 1u);
  DataOptions alone;
  alone.dir = out();
  EXPECT_EQ(open_dataset(alone, {2}).usable({kVal}).size(), 2u) << "without config.yaml";
}

TEST_P(Conversions, NamesInAnyScriptAndInFolders) {
  for (const char* name : {"s\xC3\xBC"
                           "d/Aufnahme 1",
                           "\xE4\xBA\xAC\xE9\x83\xBD/a,b;c", "x\"y\\z", "_0001"})
    add(name, pixels(), areas(name[0] % 5, 3));
  EXPECT_EQ(round_trip(GetParam()).samples.size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(Formats, Conversions, testing::Values("folders", "coco", "labelme", "nnunet"));

using ConversionTo = Conversions;

TEST_F(ConversionTo, FoldersCopiesFilesAndKeepsThePlainLayout) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    files_.add_file(std::string("scans/") + name + ".jpg", encode_image(".jpg", pixels()));
    files_.add_mask(std::string("gt/") + name + "_mask.png", areas(name[0] % 5, 2) * 255);
  }
  options_.normalize = Normalize::per_image;
  options_.images = "scans";
  const Dataset after = round_trip("folders");
  EXPECT_EQ(written("images/a.jpg"), file_text(files_ / "scans/a.jpg"));
  EXPECT_TRUE(is_written("masks/a.png"));
  EXPECT_EQ(after.options.normalize, Normalize::per_image);
  EXPECT_EQ(after.options.labels, (LabelClasses{{0, 0}, {1, 1}}));
  EXPECT_EQ(after.samples[0].name, open().samples[0].name);
  EXPECT_TRUE(contains(remarks_, "images: 6 copied unchanged"));
  EXPECT_TRUE(contains(written("config.yaml"), "  normalize: per_image\n"));
}

TEST_F(ConversionTo, FoldersKeepsAClassThatNoMaskHas) {
  for (int i = 0; i < 3; ++i) add("im" + std::to_string(i), pixels(), areas(i, 3));
  options_.labels = {{0, 0}, {1, 1}, {7, 2}, {2, 3}};
  options_.class_names = {"ground", "car", "bus", "tree"};
  round_trip("folders");
  DataOptions alone;
  alone.dir = out();
  const Dataset dataset = open_dataset(alone, {2});
  EXPECT_EQ(dataset.options.class_names, options_.class_names);
  EXPECT_EQ(dataset.options.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
}

TEST_F(ConversionTo, FoldersSaysWhereAListCannotNameTheClasses) {
  for (int i = 0; i < 3; ++i) add("im" + std::to_string(i), pixels(), areas(i, 2));
  options_.class_names = {"ground", "car, bus"};
  EXPECT_EQ(round_trip("folders").options.class_names, options_.class_names);
  EXPECT_TRUE(contains(remarks_, "no class_dict.csv"));
  EXPECT_FALSE(is_written("class_dict.csv"));
}

TEST_F(ConversionTo, RotatedImagesAreWrittenUpright) {
  for (int i = 0; i < 3; ++i) {
    const std::string jpeg = encode_image(".jpg", pixels());
    files_.add_file(concat("images/im", i, ".jpg"), jpeg_with_exif(jpeg, 6));
    files_.add_mask(concat("masks/im", i, ".png"), areas(i, 2).t());
  }
  const Dataset after = round_trip("folders");
  EXPECT_EQ(after.scan.sizes[0], cv::Size(kConvertedSide, kConvertedSide + 4));
  EXPECT_EQ(after.scan.rotations[0], MaskRotation::equal);
  EXPECT_TRUE(contains(remarks_, "3 written without loss (rotated as EXIF says"));
}

TEST_F(ConversionTo, UnusableFilesAreSkippedAndCounted) {
  for (int i = 0; i < 4; ++i) add("im" + std::to_string(i), pixels(), areas(i, 2));
  files_.add_file("images/im2.png", "damaged");
  options_.bad_file = BadFilePolicy::skip;
  convert("folders");
  EXPECT_EQ(open_dataset(options_of_config(out()), {2}).samples.size(), 3u);
  EXPECT_FALSE(is_written("images/im2.png"));
}

TEST_F(ConversionTo, CocoHasAnAnnotationForEachObject) {
  cv::Mat mask(kConvertedSide, kConvertedSide + 4, CV_8UC1, cv::Scalar(0));
  mask({1, 1, 4, 3}) = cv::Scalar(1);
  mask({5, 1, 3, 3}) = cv::Scalar(2);  // touches object 1
  mask({10, 10, 5, 5}) = cv::Scalar(3);
  mask({12, 12, 1, 1}) = cv::Scalar(0);
  add("a", pixels(), mask);
  options_.labels = {{0, 0}, {LabelKey(1, 65535), 1}};
  round_trip("coco");
  const auto json = nlohmann::json::parse(written("annotations/instances_train.json"));
  ASSERT_EQ(json["annotations"].size(), 3u) << "object numbers divide objects that touch";
  EXPECT_EQ(json["annotations"][0]["segmentation"], nlohmann::json::parse("[[5,1,5,4,1,4,1,1]]"));
  EXPECT_EQ(json["annotations"][0]["bbox"], nlohmann::json::parse("[1,1,4,3]"));
  EXPECT_EQ(json["annotations"][2]["area"], 24);
  EXPECT_TRUE(json["annotations"][2]["segmentation"]["counts"].is_array());
  EXPECT_EQ(json["categories"].size(), 1u);
  EXPECT_EQ(json["images"][0]["file_name"], "a.png");
  EXPECT_TRUE(contains(remarks_, "2 polygons, 1 run-length mask"));
}

TEST_F(ConversionTo, LabelmeHasAPolygonForEachObject) {
  for (int i = 0; i < 3; ++i) add("im" + std::to_string(i), pixels(), areas(i, 3));
  options_.val_fraction = 0;
  round_trip("labelme");
  const auto json = nlohmann::json::parse(written("train/im0.json"));
  EXPECT_EQ(json["imagePath"], "im0.png");
  EXPECT_EQ(json["imageWidth"], kConvertedSide + 4);
  EXPECT_EQ(json["shapes"][0]["shape_type"], "polygon");
  EXPECT_EQ(written("labels.txt"), "_background_\nclass 1\nclass 2\n");
}

TEST_F(ConversionTo, NnunetHasAFileForEachChannelAndItsDescription) {
  for (const char* name : {"train/a", "train/b", "val/a", "test/c"}) {
    const fs::path path(name);
    const std::string part = path.parent_path().string() + "/", stem = path.filename().string();
    files_.add_image(part + "images/" + stem + ".png", pixels());
    files_.add_mask(part + "masks/" + stem + ".png", areas(stem[0] % 5, 3));
  }
  files_.add_image("train/images/b.png", pixels(CV_8UC1));
  convert("nnunet");
  const auto json = nlohmann::json::parse(written("dataset.json"));
  EXPECT_EQ(json["channel_names"], nlohmann::json::parse(R"({"0": "R", "1": "G", "2": "B"})"));
  EXPECT_EQ(json["labels"], nlohmann::json::parse(R"({"background": 0, "class 1": 1, "class 2": 2})"));
  EXPECT_EQ(json["numTraining"], 3);
  EXPECT_EQ(json["file_ending"], ".png");
  EXPECT_EQ(nlohmann::json::parse(written("splits_final.json")),
            nlohmann::json::parse(R"([{"train": ["a", "b"], "val": ["a-2"]}])"));
  EXPECT_EQ(read_image(out() + "/imagesTr/b_0000.png").pixels.channels(), 3) << "all images have equal channels";
  const Dataset after = open_dataset(options_of_config(out()), {2});
  EXPECT_EQ(after.usable({kTrain}).size(), 2u);
  EXPECT_EQ(after.usable({kVal}).size(), 1u);
  EXPECT_EQ(after.usable({kTest}).size(), 1u);
}

TEST_F(ConversionTo, AStoppedConversionLeavesNothing) {
  for (int i = 0; i < 4; ++i) add("im" + std::to_string(i), pixels(), areas(i, 2));
  ConversionOptions conversion{"folders", out(), options_, {}, {}};
  int asked = 0;
  conversion.writing.stop = [&] { return ++asked == 3; };
  const Dataset source = open();
  EXPECT_TRUE(contains(error_text(ErrorKind::interrupted, [&] { convert_dataset(source, conversion); }), "stopped"));
  conversion.writing.stop = {};
  conversion.checking.stop = [] { return true; };
  EXPECT_TRUE(contains(error_text(ErrorKind::interrupted, [&] { convert_dataset(source, conversion); }), "stopped"));
  EXPECT_TRUE(fs::is_empty(out_.path()));
}

TEST_F(ConversionTo, ASourceThatChangesMeanwhileIsNoticed) {
  for (int i = 0; i < 3; ++i) add("im" + std::to_string(i), pixels(), areas(i, 2));
  const Dataset source = open();
  add("im1", cv::Mat(5, 5, CV_8UC1, cv::Scalar(3)), cv::Mat(5, 6, CV_8UC1, cv::Scalar(0)));
  const ConversionOptions conversion{"folders", out(), options_, {}, {}};
  EXPECT_NE(error_text(ErrorKind::data, [&] { convert_dataset(source, conversion); }), "no error");
  EXPECT_TRUE(fs::is_empty(out_.path()));
}

TEST_F(ConversionTo, AFolderThatIsNoConversionIsNotReplaced) {
  const auto refusal = [&](const std::string& out, bool overwrite) {
    return error_text(ErrorKind::cannot_create, [&] { check_conversion_folder(files_.dir(), out, overwrite); });
  };
  EXPECT_EQ(refusal(out(), false), "no error");
  EXPECT_TRUE(contains(refusal(files_.dir() + "/new", false), "is in the data set"));
  EXPECT_TRUE(contains(refusal(fs::path(files_.dir()).parent_path().string(), true), "holds the data set"));
  fs::create_directories(out());
  EXPECT_EQ(refusal(out(), false), "no error") << "an empty folder";
  write_bytes(out() + "/mine.txt", "x");
  EXPECT_TRUE(contains(refusal(out(), false), "already exists and is not empty"));
  EXPECT_TRUE(contains(refusal(out(), true), "--overwrite replaces a folder that unet convert wrote"));
  write_bytes(out() + "/config.yaml", std::string(kConversionMark) + "\ndata:\n");
  EXPECT_TRUE(contains(refusal(out(), false), "Add --overwrite"));
  EXPECT_EQ(refusal(out(), true), "no error");
}

}  // namespace
}  // namespace unet
