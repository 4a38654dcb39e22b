// Layouts of folders of image and mask files.

#include "tests/support/folder_layouts.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "data/dataset/open_dataset.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

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

}  // namespace
}  // namespace unet
