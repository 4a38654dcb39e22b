// Layouts of folders of image and mask files.

#include <gtest/gtest.h>

#include <filesystem>

#include "data/dataset/open_dataset.h"
#include "data/images/image_signature.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"
#include "tests/support/dataset_folder.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class FolderLayouts : public testing::Test {
 protected:
  FolderLayouts() { set_.options.val_fraction = 0; }

  Lines problems() const { return texts_of(find_samples(set_.options).problems); }
  std::string refusal(ErrorKind kind) const {
    return error_text(kind, [&] { list_samples(set_.options); });
  }

  DatasetFolder set_;
};

TEST_F(FolderLayouts, OtherUsualNamesAreFoundAndSaid) {
  const struct {
    const char *images, *masks;
  } pairs[] = {{"imgs", "labels"},     {"JPEGImages", "annotations"}, {"Frames", "GT"},       {"img", "mask"},
               {"inputs", "targets"},  {"image", "Ground Truth"},     {"images", "labelsTr"}, {"Images", "1st_manual"},
               {"images", "gt_masks"}, {"JPEGImages", "masks"}};
  for (const auto& [images, masks] : pairs) {
    const DatasetFolder set;
    const std::string image = images + std::string("/a.jpg"), mask = masks + std::string("/a.png");
    set.add_all({image, mask});
    if (masks == std::string("gt_masks")) {
      EXPECT_THROW(set.listed(), Error) << "not a usual name";
      continue;
    }
    EXPECT_EQ(set.listed(), Lines{"a: " + image + " " + mask});
    const SampleList list = list_samples(set.options);
    ASSERT_TRUE(list.names) << images;
    EXPECT_EQ(list.names->images, images);
    EXPECT_EQ(list.names->masks, masks);
    ASSERT_EQ(list.decisions.size(), 1u);
    EXPECT_TRUE(contains(list.decisions[0], std::string(images) + "/, masks in " + masks + "/"));
  }
}

TEST_F(FolderLayouts, TheDefaultNamesAreTakenWithoutAWord) {
  set_.add_all({"images/a.png", "masks/a.png", "labels/a.png"});
  const SampleList list = list_samples(set_.options);
  EXPECT_EQ(set_.texts(list.samples), Lines{"a: images/a.png masks/a.png"});
  EXPECT_FALSE(list.names);
  EXPECT_TRUE(list.decisions.empty());
}

TEST_F(FolderLayouts, NamesThatAreGivenAreNotReplaced) {
  set_.add_all({"imgs/a.png", "labels/a.png", "pictures/b.png"});
  set_.options.images = "pictures";
  EXPECT_EQ(problems().size(), 3u) << "two orphans, and no sample";
  set_.options.images = "nowhere";
  EXPECT_TRUE(contains(refusal(ErrorKind::missing_input), "found: imgs/, labels/, pictures/"));
}

TEST_F(FolderLayouts, TwoFoldersOfMasksAreAskedAbout) {
  set_.add_all({"images/21.png", "1st_manual/21.png", "mask/21.png"});
  const std::string text = refusal(ErrorKind::data);
  EXPECT_TRUE(contains(text, "several folders may hold the masks: 1st_manual, mask"));
  EXPECT_TRUE(contains(text, "unet train --data " + set_.options.dir + " --set data.masks=1st_manual"));
  fs::remove(set_ / "mask/21.png");
  set_.add("mask/21.xml");
  EXPECT_EQ(set_.listed(), Lines{"21: images/21.png 1st_manual/21.png"}) << "a folder without images is none of masks";
}

TEST_F(FolderLayouts, SubfoldersAreMirrored) {
  set_.add_all({"images/aachen/0.png", "images/bonn/0.png", "images/top.png", "masks/aachen/0.png", "masks/bonn/0.png",
                "masks/top.png"});
  EXPECT_EQ(set_.listed(), (Lines{"aachen/0: images/aachen/0.png masks/aachen/0.png",
                                  "bonn/0: images/bonn/0.png masks/bonn/0.png", "top: images/top.png masks/top.png"}));
  set_.add("images/bonn/7.png");
  EXPECT_TRUE(contains(problems().at(0), "images/bonn/7.png: no mask; looked for " + set_ / "masks/bonn/7.*"));
}

TEST_F(FolderLayouts, FilesInUnlikeSubfoldersArePairedByTheirNames) {
  set_.add_all({"images/a.jpg", "images/b.jpg", "masks/trimaps/a.png", "masks/trimaps/b.png"});
  EXPECT_EQ(set_.listed(), (Lines{"a: images/a.jpg masks/trimaps/a.png", "b: images/b.jpg masks/trimaps/b.png"}));
  EXPECT_EQ(list_samples(set_.options).decisions.size(), 1u);
}

TEST_F(FolderLayouts, LinksAreFollowedButNotInCircles) {
  set_.add_all({"store/a.png", "masks/a.png", "masks/deep/b.png"});
  fs::create_directories(set_ / "images");
  fs::create_symlink(set_ / "store/a.png", set_ / "images/a.png");
  fs::create_directory_symlink(set_ / "store", set_ / "images/deep");
  fs::rename(set_ / "store/a.png", set_ / "store/b.png");
  fs::create_directory_symlink(set_ / "images", set_ / "images/circle");
  EXPECT_EQ(set_.listed(), (Lines{"a: images/a.png masks/a.png", "deep/b: images/deep/b.png masks/deep/b.png"}));
}

TEST_F(FolderLayouts, WhatSystemsLeaveIsNoPartOfTheSet) {
  set_.add_all({"images/a.png", "masks/a.png"});
  for (const std::string folder : {"images/", "masks/"})
    for (const char* name : {"Thumbs.db", ".DS_Store", "desktop.ini", "a.xml", "._a.png",
                             ".ipynb_checkpoints/a-checkpoint.png", "@eaDir/a.png/SYNOPHOTO_THUMB_M.png"})
      set_.add(folder + name);
  set_.add("__MACOSX/images/x.png");
  EXPECT_EQ(set_.listed(), Lines{"a: images/a.png masks/a.png"});
  EXPECT_TRUE(problems().empty());
  EXPECT_EQ(list_samples(set_.options).notes.size(), 6u) << "other files are counted";
}

TEST_F(FolderLayouts, NamesComposedAndDecomposedAreEqual) {
  set_.add_all(
      {"images/\xC3\x9C"
       "2.png",
       "masks/U\xCC\x88"
       "2.png",
       "images/a b's [1].png", "masks/a b's [1].png"});
  const SampleList list = list_samples(set_.options);
  ASSERT_EQ(list.samples.size(), 2u);
  EXPECT_EQ(list.samples[1].name,
            "\xC3\x9C"
            "2");
}

TEST_F(FolderLayouts, ASuffixOfMasksIsFoundSaidAndKept) {
  for (const char* number : {"01", "02", "11"})
    set_.add_all({std::string("images/car_") + number + ".jpg", std::string("masks/car_") + number + "_mask.png"});
  EXPECT_EQ(set_.listed().at(0), "car_01: images/car_01.jpg masks/car_01_mask.png");
  const SampleList list = list_samples(set_.options);
  EXPECT_EQ(list.names->mask_suffix, "_mask");
  EXPECT_EQ(list.names->image_suffix, "");
  EXPECT_TRUE(contains(list.decisions.at(0), "images * belong to masks *_mask"));
  static_cast<FileNames&>(set_.options) = *list.names;
  EXPECT_EQ(set_.texts(list.samples), set_.listed()) << "what was found, given, lists the same";
  EXPECT_TRUE(list_samples(set_.options).decisions.empty());
}

TEST_F(FolderLayouts, PrefixesAndSuffixesOfBothAreFound) {
  const struct {
    Lines images, masks, samples;
    FileNames names;
  } cases[] = {
      {{"21_training", "22_training"},
       {"21_manual1", "22_manual1"},
       {"21", "22"},
       {"", "", "", "_training", "", "_manual1"}},
      {{"image_1", "image_12"}, {"mask_1", "mask_12"}, {"1", "12"}, {"", "", "image_", "", "mask_", ""}},
      {{"X_train_001", "X_train_002"},
       {"y_train_001", "y_train_002"},
       {"train_001", "train_002"},
       {"", "", "X_", "", "y_", ""}},
      {{"1_image", "2_image"}, {"1_img_gt", "2_img_gt"}, {"1", "2"}, {"", "", "", "_image", "", "_img_gt"}},
      {{"Image_01L", "Image_01R"},
       {"Image_01L_1stHO", "Image_01R_1stHO"},
       {"Image_01L", "Image_01R"},
       {"", "", "", "", "", "_1stHO"}},
      {{"a", "b"}, {"a.jpg", "b.jpg"}, {"a", "b"}, {"", "", "", "", "", ".jpg"}},
      {{"im0_0000", "im1_0000"}, {"im0", "im1"}, {"im0", "im1"}, {"", "", "", "_0000", "", ""}},
  };
  for (const auto& each : cases) {
    const DatasetFolder set;
    for (const std::string& image : each.images) set.add("images/" + image + ".jpg");
    for (const std::string& mask : each.masks) set.add("masks/" + mask + ".png");
    const SampleList list = list_samples(set.options);
    Lines names;
    for (const SampleRef& sample : list.samples) names.push_back(sample.name);
    EXPECT_EQ(names, each.samples);
    ASSERT_TRUE(list.names) << each.images[0];
    EXPECT_EQ(list.names->image_prefix, each.names.image_prefix) << each.images[0];
    EXPECT_EQ(list.names->image_suffix, each.names.image_suffix) << each.images[0];
    EXPECT_EQ(list.names->mask_prefix, each.names.mask_prefix) << each.images[0];
    EXPECT_EQ(list.names->mask_suffix, each.names.mask_suffix) << each.images[0];
  }
}

TEST_F(FolderLayouts, PrefixesAndSuffixesCanBeGiven) {
  set_.options.image_prefix = "img-";
  set_.options.image_suffix = "_0000.png";
  set_.options.mask_prefix = "gt-";
  set_.add_all({"images/img-a_0000.png", "images/img-a_0001.png", "masks/gt-a.png", "masks/a.png"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"a: images/img-a_0000.png masks/gt-a.png"});
  EXPECT_TRUE(split.problems.empty());
  ASSERT_EQ(split.notes.size(), 2u) << "the others are counted";
  EXPECT_EQ(split.notes[0].kind, FindingKind::other_mask);
}

TEST_F(FolderLayouts, MasksOfTwoKindsAreOneQuestionWithTheLinesToType) {
  for (const char* stem : {"a", "b", "c"})
    set_.add_all({std::string("images/") + stem + ".png", std::string("masks/") + stem + "_one.png",
                  std::string("masks/") + stem + "_two.png"});
  const Lines found = problems();
  ASSERT_EQ(found.size(), 1u);
  for (const char* line : {" --set data.mask_suffix=_one", " --set data.mask_suffix=_two"})
    EXPECT_TRUE(contains(found[0], "unet train --data " + set_.options.dir + line));
}

TEST_F(FolderLayouts, OneFolderIsToldApartByWordsInNames) {
  for (const char* stem : {"t1_1", "t1_2", "t2_1"})
    set_.add_all({std::string(stem) + ".tif", std::string(stem) + "_mask.tif"});
  EXPECT_EQ(set_.listed().at(0), "t1_1: t1_1.tif t1_1_mask.tif");
  const SampleList list = list_samples(set_.options);
  EXPECT_EQ(list.names->images, ".");
  EXPECT_EQ(list.names->mask_suffix, "_mask");
  EXPECT_EQ(list.samples.size(), 3u);
  static_cast<FileNames&>(set_.options) = *list.names;
  EXPECT_EQ(set_.texts(list.samples), set_.listed());
}

TEST_F(FolderLayouts, OneFolderInImagesOrInSubfoldersIsFound) {
  set_.add_all({"images/a.jpg", "images/gt_a.jpg", "images/b.jpg", "images/gt_b.jpg"});
  EXPECT_EQ(set_.listed(), (Lines{"a: images/a.jpg images/gt_a.jpg", "b: images/b.jpg images/gt_b.jpg"}));
  const DatasetFolder deep;
  deep.add_all({"p1/x.tif", "p1/x_mask.tif", "p2/x.tif", "p2/x_mask.tif"});
  EXPECT_EQ(deep.listed(), (Lines{"p1/x: p1/x.tif p1/x_mask.tif", "p2/x: p2/x.tif p2/x_mask.tif"}));
}

TEST_F(FolderLayouts, OneFolderIsToldApartByExtensionsWhereOneIsLossy) {
  set_.add_all({"a.jpg", "a.png", "b.jpg", "b.png"});
  EXPECT_EQ(set_.listed(), (Lines{"a: a.jpg a.png", "b: b.jpg b.png"}));
  const DatasetFolder ambiguous;
  ambiguous.add_all({"1.bmp", "1.png", "2.bmp", "2.png"});
  const Lines found = texts_of(find_samples(ambiguous.options).problems);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(contains(found[0],
                       "--set data.images=. --set data.masks=. --set data.image_suffix=.bmp --set "
                       "data.mask_suffix=.png"));
}

TEST_F(FolderLayouts, ImagesMayStandBesideTheFolderOfMasks) {
  set_.add_all({"a.png", "b.png", "masks/a.png", "masks/b.png"});
  EXPECT_EQ(set_.listed(), (Lines{"a: a.png masks/a.png", "b: b.png masks/b.png"}));
  EXPECT_EQ(list_samples(set_.options).names->images, ".");
}

TEST_F(FolderLayouts, AFileThatIsNotAnImageIsNamedWithTheReason) {
  set_.add_all({"images/a.png", "images/b.png", "masks/b.png"});
  set_.add("masks/a.xyz", "hello");
  const Lines found = problems();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(contains(found[0], "images/a.png: its mask is not read: " + set_ / "masks/a.xyz: got text"));
}

TEST_F(FolderLayouts, ImagesOfUnknownExtensionAreTakenByTheirContent) {
  DataFiles files;
  files.add_file("images/a.jfif", encode_image(".jpg", files.noise()));
  files.add_file("masks/a", encode_image(".png", DataFiles::halves(0, 255)));
  set_.options.dir = files.dir();
  EXPECT_EQ(list_samples(set_.options).samples.size(), 1u);
}

TEST_F(FolderLayouts, PartsHaveTheirUsualNamesAndAnyLayoutInside) {
  set_.add_all({"Training/imgs/a.png", "Training/labels/a.png", "valid/b.png", "valid/b_mask.png", "valid/c.png",
                "valid/c_mask.png", "testing/x.png"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"a: Training/imgs/a.png Training/labels/a.png"});
  EXPECT_EQ(set_.texts(split.val), (Lines{"b: valid/b.png valid/b_mask.png", "c: valid/c.png valid/c_mask.png"}));
  EXPECT_EQ(split.rule, "by folder: Training/, valid/");
  ASSERT_EQ(split.notes.size(), 1u);
  EXPECT_TRUE(contains(split.notes[0].text, "testing: skipped: no labels"));
  EXPECT_FALSE(split.names) << "the parts have different names";
}

TEST_F(FolderLayouts, NamesCommonToAllPartsAreKept) {
  set_.add_all({"train/img/a.png", "train/gt/a.png", "dev/img/b.png", "dev/gt/b.png"});
  const Split split = find_samples(set_.options);
  ASSERT_TRUE(split.names);
  EXPECT_EQ(split.names->masks, "gt");
  static_cast<FileNames&>(set_.options) = *split.names;
  EXPECT_EQ(set_.texts(find_samples(set_.options).val), Lines{"b: dev/img/b.png dev/gt/b.png"});
}

TEST_F(FolderLayouts, TwoFoldersForOnePartAreRefused) {
  set_.add_all({"train/images/a.png", "train/masks/a.png", "valid/x.png", "validation/x.png"});
  EXPECT_TRUE(contains(refusal(ErrorKind::data), "several folders for the part val: valid/, validation/"));
}

TEST_F(FolderLayouts, PartsMayBeInsideTheKinds) {
  set_.add_all({"img_dir/train/a.jpg", "img_dir/val/b.jpg", "ann_dir/train/a.png", "ann_dir/val/b.png"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"a: img_dir/train/a.jpg ann_dir/train/a.png"});
  EXPECT_EQ(set_.texts(split.val), Lines{"b: img_dir/val/b.jpg ann_dir/val/b.png"});
  EXPECT_TRUE(contains(split.rule, "by folder: img_dir/train/, img_dir/val/"));
}

TEST_F(FolderLayouts, PartsMayBeBesideEachOther) {
  set_.add_all({"train_images/a.jpg", "train_masks/a.png", "val_images/b.jpg", "val_masks/b.png", "test_images/c.jpg"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(split.train.size(), 1u);
  EXPECT_EQ(split.val.size(), 1u);
  EXPECT_TRUE(contains(split.notes.at(0).text, "test_images: skipped: no folder of masks"));
  const DatasetFolder annot;
  annot.add_all({"train/a.png", "trainannot/a.png", "val/b.png", "valannot/b.png"});
  EXPECT_EQ(annot.texts(find_samples(annot.options).val), Lines{"b: val/b.png valannot/b.png"});
}

TEST_F(FolderLayouts, TrainIdsArePreferredToOtherMasksOfACity) {
  for (const char* part : {"train", "val"})
    for (const char* frame : {"000_019", "001_019"}) {
      const std::string place = std::string(part) + "/aachen/aachen_" + frame;
      set_.add("leftImg8bit/" + place + "_leftImg8bit.png");
      for (const char* kind : {"color", "instanceIds", "labelIds", "labelTrainIds"})
        set_.add("gtFine/" + place + "_gtFine_" + kind + ".png");
      set_.add("gtFine/" + place + "_gtFine_polygons.json");
    }
  const Split split = find_samples(set_.options);
  ASSERT_EQ(split.train.size(), 2u);
  EXPECT_EQ(set_.texts(split.train)[0],
            "aachen/aachen_000_019: leftImg8bit/train/aachen/aachen_000_019_leftImg8bit.png "
            "gtFine/train/aachen/aachen_000_019_gtFine_labelTrainIds.png");
  EXPECT_TRUE(split.problems.empty());
  EXPECT_EQ(std::count_if(split.notes.begin(), split.notes.end(),
                          [](const Finding& note) { return note.kind == FindingKind::other_mask; }),
            12);
  EXPECT_EQ(split.names->image_suffix, "_leftImg8bit");
  for (const char* frame : {"train/aachen/aachen_000_019", "train/aachen/aachen_001_019", "val/aachen/aachen_000_019",
                            "val/aachen/aachen_001_019"})
    fs::remove(set_ / (std::string("gtFine/") + frame + "_gtFine_labelTrainIds.png"));
  EXPECT_TRUE(contains(set_.texts(find_samples(set_.options).val).at(0), "gtFine_labelIds.png"));
}

TEST_F(FolderLayouts, VocIsDividedByItsLists) {
  set_.add_all({"JPEGImages/a.jpg", "JPEGImages/b.jpg", "JPEGImages/c.jpg", "JPEGImages/detection.jpg",
                "SegmentationClass/a.png", "SegmentationClass/b.png", "SegmentationClass/c.png",
                "SegmentationObject/a.png"});
  set_.add("ImageSets/Segmentation/train.txt", "a\r\n");
  set_.add("ImageSets/Segmentation/val.txt", "b");
  set_.add("ImageSets/Segmentation/trainval.txt", "a\nb\n");
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"a: JPEGImages/a.jpg SegmentationClass/a.png"});
  EXPECT_EQ(set_.texts(split.val), Lines{"b: JPEGImages/b.jpg SegmentationClass/b.png"});
  EXPECT_EQ(split.rule, "by ImageSets/Segmentation: train.txt, val.txt");
  EXPECT_EQ(split.notes.size(), 2u) << "an image without a mask, a mask in no list";
  EXPECT_TRUE(split.problems.empty());
  set_.add("ImageSets/Segmentation/val.txt", "b\nzebra\n");
  EXPECT_TRUE(contains(problems().at(0), "val.txt: 1 entries, e.g. 'zebra', name no image with a mask"));
  fs::remove_all(set_ / "ImageSets");
  EXPECT_EQ(set_.listed().size(), 3u);
}

TEST_F(FolderLayouts, VocWithoutTrainListsHasTrainval) {
  set_.add_all({"JPEGImages/a.jpg", "SegmentationClass/a.png"});
  set_.add("ImageSets/Segmentation/trainval.txt", "a\n");
  set_.add("ImageSets/Segmentation/test.txt", "secret\n");
  const Split split = find_samples(set_.options);
  EXPECT_EQ(split.train.size(), 1u);
  EXPECT_TRUE(split.problems.empty()) << "test labels are not public";
}

TEST_F(FolderLayouts, NnunetHasAFileForEachChannelAndItsClassesInJson) {
  set_.add_all({"imagesTr/x_0000.png", "imagesTr/x_0001.png", "imagesTr/y_0000.png", "imagesTr/y_0001.png",
                "labelsTr/x.png", "labelsTr/y.png", "imagesTs/z_0000.png"});
  set_.add("dataset.json", R"({"channel_names": {"0": "red", "1": "nir"}, "file_ending": ".png",
    "labels": {"background": 0, "cell": 1, "nucleus": 4, "ignore": 5}})");
  const SampleList list = list_samples(set_.options);
  ASSERT_EQ(list.samples.size(), 2u);
  EXPECT_EQ(list.samples[0].name, "x");
  EXPECT_EQ(std::get<ImageChannels>(list.samples[0].image).paths,
            (Lines{set_ / "imagesTr/x_0000.png", set_ / "imagesTr/x_0001.png"}));
  EXPECT_EQ(list.meaning.labels, (LabelClasses{{0, 0}, {1, 1}, {4, 2}}));
  EXPECT_EQ(list.meaning.class_names, (Lines{"background", "cell", "nucleus"}));
  EXPECT_EQ(list.meaning.ignore_values, std::vector<LabelKey>{5});
  ASSERT_EQ(list.notes.size(), 1u) << "test images without labels";
  fs::remove(set_ / "imagesTr/y_0001.png");
  EXPECT_TRUE(contains(problems().at(0), "y_0000.png: got the channels 0 of y, expected 0 to 1"));
}

TEST_F(FolderLayouts, NnunetNeedsNoJsonAndMayHaveTestLabels) {
  set_.add_all({"imagesTr/im00_0000.png", "labelsTr/im00.png", "imagesTs/t_0000.png", "labelsTs/t.png"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"im00: imagesTr/im00_0000.png labelsTr/im00.png"});
  EXPECT_EQ(set_.texts(split.test), Lines{"t: imagesTs/t_0000.png labelsTs/t.png"});
}

TEST_F(FolderLayouts, NnunetIsDividedByTheFirstFoldOfItsSplits) {
  set_.add_all({"imagesTr/a_0000.png", "imagesTr/b_0000.png", "imagesTr/c_0000.png", "labelsTr/a.png", "labelsTr/b.png",
                "labelsTr/c.png", "imagesTs/t_0000.png", "labelsTs/t.png"});
  set_.add("splits_final.json", R"([{"train": ["a", "c"], "val": ["b"]}, {"train": ["b", "c"], "val": ["a"]}])");
  Split split = find_samples(set_.options);
  EXPECT_TRUE(split.divided);
  EXPECT_EQ(set_.texts(split.val), Lines{"b: imagesTr/b_0000.png labelsTr/b.png"});
  EXPECT_EQ(split.train.size(), 2u);
  EXPECT_EQ(split.test.size(), 1u);
  set_.options.val_stems = {"c"};
  fs::remove_all(set_ / "labelsTs");
  EXPECT_EQ(set_.texts(find_samples(set_.options).val), Lines{"c: imagesTr/c_0000.png labelsTr/c.png"});
  set_.options.val_stems = {};
  set_.add("splits_final.json", R"([{"val": ["b", "x"]}])");
  EXPECT_TRUE(contains(problems().at(0), "splits_final.json: 'x' names no case"));
  for (const char* damaged : {"[", "[]", "{}", R"([{"val": 3}])", R"([{"val": [3]}])"}) {
    set_.add("splits_final.json", damaged);
    EXPECT_TRUE(contains(refusal(ErrorKind::data), "splits_final.json:")) << damaged;
  }
}

TEST_F(FolderLayouts, NnunetRegionsAndVolumesAreRefused) {
  set_.add_all({"imagesTr/a_0000.png", "labelsTr/a.png"});
  set_.add("dataset.json", R"({"labels": {"background": 0, "whole tumor": [1, 2]}})");
  EXPECT_TRUE(contains(refusal(ErrorKind::data), "the label 'whole tumor' is a region, [1,2]"));
  set_.add("dataset.json", R"({"labels": {"background": 0}, "file_ending": ".nii.gz"})");
  EXPECT_TRUE(contains(refusal(ErrorKind::data), "volumes (.nii.gz)"));
  for (const char* damaged :
       {"{", "[1]", R"({"labels": 3})", R"({"labels": {"a": "b"}})", R"({"labels": {"a": 1, "b": 1}})"}) {
    set_.add("dataset.json", damaged);
    EXPECT_TRUE(contains(refusal(ErrorKind::data), "dataset.json: ")) << damaged;
  }
}

TEST_F(FolderLayouts, AFolderOfMasksForEachImageIsMerged) {
  set_.add_all({"images/a.png", "images/b.png", "masks/a/1.png", "masks/a/2.png", "masks/b/7.png"});
  const SampleList list = list_samples(set_.options);
  EXPECT_EQ(set_.texts(list.samples),
            (Lines{"a: images/a.png masks/a/1.png and 1 more", "b: images/b.png masks/b/7.png"}));
  EXPECT_EQ(list.decisions.size(), 1u);
  EXPECT_TRUE(list.problems.empty());
}

TEST_F(FolderLayouts, AFolderForEachImageIsMerged) {
  set_.add_all({"0a/images/0a.png", "0a/masks/m1.png", "0a/masks/m2.png", "0b/images/0b.png", "0b/masks/m.png"});
  EXPECT_EQ(set_.listed(),
            (Lines{"0a: 0a/images/0a.png 0a/masks/m1.png and 1 more", "0b: 0b/images/0b.png 0b/masks/m.png"}));
}

TEST_F(FolderLayouts, ImagesOfOnePatientsFolderStayTogether) {
  const auto add_patient = [&](const std::string& name) {
    for (const char* file : {"/images/1.png", "/images/2.png", "/masks/1.png", "/masks/2.png"}) set_.add(name + file);
  };
  for (const char* patient : {"p1", "p2", "p3", "p4"}) add_patient(patient);
  EXPECT_EQ(list_samples(set_.options).samples.at(1).group, "") << "of a few folders, a part would be a whole one";
  add_patient("p5");
  const SampleList list = list_samples(set_.options);
  ASSERT_EQ(list.samples.size(), 10u);
  EXPECT_EQ(list.samples[1].name, "p1/2");
  EXPECT_EQ(list.samples[1].group, "p1");
}

TEST_F(FolderLayouts, AnUnknownFolderIsAnsweredWithTheWholeCommand) {
  set_.add_all({"stills/a.png", "labels approved/a.png"});
  EXPECT_TRUE(contains(refusal(ErrorKind::missing_input), "unet train --data " + set_.options.dir +
                                                              " --set data.images=stills --set 'data.masks=labels "
                                                              "approved'"));
  const DatasetFolder outer;
  outer.add_all({"my set/images/a.png", "my set/masks/a.png"});
  const std::string text = error_text(ErrorKind::missing_input, [&] { list_samples(outer.options); });
  EXPECT_TRUE(contains(text, "unet train --data '" + outer.options.dir + "/my set'"));
}

TEST_F(FolderLayouts, ImagesAloneAreNotTakenForPairs) {
  set_.add_all({"2011_000003.jpg", "2011_000006.jpg", "2011_000025.jpg", "2012_000003.jpg"});
  EXPECT_TRUE(contains(refusal(ErrorKind::missing_input), "not a data set in a known layout"));
}

TEST_F(FolderLayouts, FormatNamesALayout) {
  set_.add_all({"images/a.png", "masks/a.png", "train/images/b.png", "train/masks/b.png"});
  set_.options.format = "folders";
  EXPECT_EQ(set_.listed(), Lines{"a: images/a.png masks/a.png"});
}

class ReadLayouts : public testing::Test {
 protected:
  ReadLayouts() {
    options_.dir = files_.dir();
    options_.val_fraction = 0;
  }
  DataFiles files_;
  DataOptions options_;
};

TEST_F(ReadLayouts, WhatWasFoundIsADecisionAndStandsInTheOptions) {
  for (const char* stem : {"a", "b"}) {
    files_.add_image(std::string("imgs/") + stem + ".png", files_.noise());
    files_.add_mask(std::string("labels/") + stem + "_mask.png", DataFiles::halves(0, 255));
  }
  files_.add_file("imgs/notes.txt", "hello");
  const Dataset dataset = open_dataset(options_, {1});
  EXPECT_TRUE(dataset.problems.empty());
  EXPECT_EQ(dataset.options.images, "imgs");
  EXPECT_EQ(dataset.options.masks, "labels");
  EXPECT_EQ(dataset.options.mask_suffix, "_mask");
  EXPECT_TRUE(contains(dataset.decisions.front(), "imgs/"));
  EXPECT_TRUE(contains(dataset.decisions.back(), ": 1 (" + files_ / "imgs/notes.txt)"));
  const Dataset again = open_dataset(dataset.options, {1});
  EXPECT_EQ(again.samples.size(), 2u);
  EXPECT_EQ(again.samples[1].name, dataset.samples[1].name);
}

TEST_F(ReadLayouts, ObjectsOfAnImageAreMerged) {
  files_.add_image("a/images/a.png", files_.noise());
  files_.add_image("b/images/b.png", files_.noise());
  cv::Mat left(64, 64, CV_8UC1, cv::Scalar(0)), top = left.clone();
  left.colRange(0, 16) = cv::Scalar(255);
  top.rowRange(0, 16) = cv::Scalar(255);
  files_.add_mask("a/masks/1.png", left);
  files_.add_mask("a/masks/2.png", top);
  files_.add_mask("b/masks/1.png", top);
  const Dataset dataset = open_dataset(options_, {1});
  EXPECT_TRUE(dataset.problems.empty());
  EXPECT_EQ(dataset.scan.value_counts.at(0), (ValueCounts{{0, 48 * 48}, {255, 64 * 64 - 48 * 48}}));
}

TEST_F(ReadLayouts, ColorsHaveTheNamesOfTheTable) {
  cv::Mat mask(64, 64, CV_8UC3, cv::Scalar(128, 0, 0));
  mask.colRange(0, 32) = cv::Scalar(0, 0, 0);
  mask.colRange(32, 40) = cv::Scalar(64, 128, 64);
  files_.add_image("images/a.png", files_.noise());
  files_.add_mask("masks/a_L.png", mask);
  files_.add_image("images/b.png", files_.noise());
  files_.add_mask("masks/b_L.png", mask);
  files_.add_file("label_colors.txt", "64 128 64\tAnimal\n128 0 0\t\tBuilding\r\n0 0 0\t\tVoid\n");
  DataOptions found = open_dataset(options_, {1}).options;
  EXPECT_EQ(found.labels, (LabelClasses{{color_value(64, 128, 64), 0}, {color_value(128, 0, 0), 1}}));
  EXPECT_EQ(found.ignore_values, std::vector<LabelKey>{color_value(0, 0, 0)});
  EXPECT_EQ(found.class_names, (Lines{"Animal", "Building"}));
  EXPECT_EQ(found.class_colors, (Lines{"#408040", "#800000"}));
  std::filesystem::remove(files_ / "label_colors.txt");
  files_.add_file("Class_Dict.csv", "name,r,g,b\nAnimal,64,128,64\nBig Building,128,0,0\nVoid,0,0,0\n");
  found = open_dataset(options_, {1}).options;
  EXPECT_EQ(found.class_names, (Lines{"Animal", "Big Building"}));
  files_.add_file("Class_Dict.csv", "name r g b\nAnimal 64 128 64\nBig Building 128 0 0\nVoid 0 0 0\n");
  found = open_dataset(options_, {1}).options;
  EXPECT_EQ(found.class_names, (Lines{"Animal", "Big Building"}));
  files_.add_file("Class_Dict.csv", "name,r,g,b\nAnimal,64,128,64\nBig,64,128,64\n");
  const Dataset damaged = open_dataset(options_, {1});
  ASSERT_FALSE(damaged.problems.empty());
  EXPECT_TRUE(contains(damaged.problems[0].text, "Class_Dict.csv:3"));
}

TEST_F(ReadLayouts, ATableOfColorsThatDoesNotFitIsNotUsed) {
  files_.add_pair("a", "");
  files_.add_file("label_colors.txt", "64 128 64\tAnimal\n");
  EXPECT_EQ(open_dataset(options_, {1}).options.class_names, (Lines{"background", "foreground"}));
}

TEST_F(ReadLayouts, StacksArePagesOfImageAndMask) {
  std::vector<cv::Mat> pages(12, cv::Mat::zeros(8, 8, CV_32FC1));
  for (const char* folder : {"images", "masks"}) {
    fs::create_directories(files_ / folder);
    write_tiff_pages(files_ / (std::string(folder) + "/volume.tif"), pages);
  }
  SampleList list = list_samples(options_);
  ASSERT_EQ(list.samples.size(), 12u);
  EXPECT_EQ(list.samples[11].name, "volume/0012");
  EXPECT_EQ(std::get<ImagePage>(list.samples[11].image).page, 11);
  EXPECT_EQ(std::get<MaskPage>(list.samples[11].labels).page, 11);
  EXPECT_EQ(list.samples[0].group, "") << "a single stack is divided";
  EXPECT_TRUE(contains(list.decisions.at(0), "1 of 12 pages"));
  for (const char* folder : {"images", "masks"})
    write_tiff_pages(files_ / (std::string(folder) + "/second.tif"), pages);
  list = list_samples(options_);
  EXPECT_EQ(list.samples[0].group, "second");
  pages.pop_back();
  write_tiff_pages(files_ / "masks/second.tif", pages);
  list = list_samples(options_);
  EXPECT_EQ(list.samples.size(), 12u);
  EXPECT_TRUE(contains(list.problems.at(0).text, "second.tif: got 11 pages for an image of 12 pages"));
}

TEST_F(ReadLayouts, PagesAreCountedAsTheReadersCountThem) {
  const cv::Mat frame = cv::Mat::zeros(4, 6, CV_8UC1);
  TiffRecipe recipe;
  recipe.pages = 4;
  recipe.kinds = {0, FILETYPE_REDUCEDIMAGE, FILETYPE_PAGE, FILETYPE_MASK};
  const std::pair<const char*, std::string> stacks[] = {
      {"a.LSM", tiff_file(frame, recipe)},
      {"b.gif", gif_file(6, 4, gif_frame(frame) + gif_frame(frame), "abc")},
      {"c.npy", npy_file("|u1", "(70, 66, 68)", std::string(70 * 66 * 68, '\1'))},
      {"d.npy", npy_file("|u1", "(70, 66, 3)", std::string(70 * 66 * 3, '\1'))},
      {"e.tif", "II*"},
      {"f.gif", "GIF8"},
      {"g.npy", "\x93NUMPY"}};
  for (const auto& [name, bytes] : stacks) {
    files_.add_file(name, bytes);
    const bool is_damaged = bytes.size() < 10;
    EXPECT_EQ(count_pages(files_ / name), is_damaged ? 1 : probe_image(bytes, name).pages) << name;
  }
  for (const char* folder : {"images/", "masks/"})
    for (const size_t i : {0, 1}) files_.add_file(std::string(folder) + stacks[i].first, stacks[i].second);
  EXPECT_EQ(list_samples(options_).samples.size(), 4u);
}

}  // namespace
}  // namespace unet
