// Layouts that divide their samples into parts: folders of parts, Pascal VOC, nnU-Net.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/contains.h"
#include "tests/support/folder_layouts.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class DividedLayouts : public FolderLayouts {};

TEST_F(DividedLayouts, PartsHaveTheirUsualNamesAndAnyLayoutInside) {
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

TEST_F(DividedLayouts, NamesCommonToAllPartsAreKept) {
  set_.add_all({"train/img/a.png", "train/gt/a.png", "dev/img/b.png", "dev/gt/b.png"});
  const Split split = find_samples(set_.options);
  ASSERT_TRUE(split.names);
  EXPECT_EQ(split.names->masks, "gt");
  static_cast<FileNames&>(set_.options) = *split.names;
  EXPECT_EQ(set_.texts(find_samples(set_.options).val), Lines{"b: dev/img/b.png dev/gt/b.png"});
}

TEST_F(DividedLayouts, TwoFoldersForOnePartAreRefused) {
  set_.add_all({"train/images/a.png", "train/masks/a.png", "valid/x.png", "validation/x.png"});
  EXPECT_TRUE(contains(refusal(ErrorKind::data), "several folders for the part val: valid/, validation/"));
}

TEST_F(DividedLayouts, PartsMayBeInsideTheKinds) {
  set_.add_all({"img_dir/train/a.jpg", "img_dir/val/b.jpg", "ann_dir/train/a.png", "ann_dir/val/b.png"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"a: img_dir/train/a.jpg ann_dir/train/a.png"});
  EXPECT_EQ(set_.texts(split.val), Lines{"b: img_dir/val/b.jpg ann_dir/val/b.png"});
  EXPECT_TRUE(contains(split.rule, "by folder: img_dir/train/, img_dir/val/"));
}

TEST_F(DividedLayouts, PartsMayBeBesideEachOther) {
  set_.add_all({"train_images/a.jpg", "train_masks/a.png", "val_images/b.jpg", "val_masks/b.png", "test_images/c.jpg"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(split.train.size(), 1u);
  EXPECT_EQ(split.val.size(), 1u);
  EXPECT_TRUE(contains(split.notes.at(0).text, "test_images: skipped: no folder of masks"));
  const DatasetFolder annot;
  annot.add_all({"train/a.png", "trainannot/a.png", "val/b.png", "valannot/b.png"});
  EXPECT_EQ(annot.texts(find_samples(annot.options).val), Lines{"b: val/b.png valannot/b.png"});
}

TEST_F(DividedLayouts, TrainIdsArePreferredToOtherMasksOfACity) {
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

TEST_F(DividedLayouts, VocIsDividedByItsLists) {
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

TEST_F(DividedLayouts, VocWithoutTrainListsHasTrainval) {
  set_.add_all({"JPEGImages/a.jpg", "SegmentationClass/a.png"});
  set_.add("ImageSets/Segmentation/trainval.txt", "a\n");
  set_.add("ImageSets/Segmentation/test.txt", "secret\n");
  const Split split = find_samples(set_.options);
  EXPECT_EQ(split.train.size(), 1u);
  EXPECT_TRUE(split.problems.empty()) << "test labels are not public";
}

TEST_F(DividedLayouts, NnunetHasAFileForEachChannelAndItsClassesInJson) {
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

TEST_F(DividedLayouts, NnunetNeedsNoJsonAndMayHaveTestLabels) {
  set_.add_all({"imagesTr/im00_0000.png", "labelsTr/im00.png", "imagesTs/t_0000.png", "labelsTs/t.png"});
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"im00: imagesTr/im00_0000.png labelsTr/im00.png"});
  EXPECT_EQ(set_.texts(split.test), Lines{"t: imagesTs/t_0000.png labelsTs/t.png"});
}

TEST_F(DividedLayouts, NnunetIsDividedByTheFirstFoldOfItsSplits) {
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

TEST_F(DividedLayouts, NnunetRegionsAndVolumesAreRefused) {
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

}  // namespace
}  // namespace unet
