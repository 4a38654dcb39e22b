// Small data sets as tools, cameras and people leave them, written by the scripts of ../shared/cases.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset/label_map.h"
#include "data/dataset/open_dataset.h"
#include "data/images/image_io.h"
#include "tests/support/contains.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

/// Runs make.py of each case in one process, because starting Python with its libraries takes longer than most.
constexpr const char* kMakeCases = R"(
import os, runpy, sys
cases, out = sys.argv[1], sys.argv[2]
for name in sys.argv[3:]:
    sys.modules.pop("common", None)
    sys.argv = ["make.py", os.path.join(out, name)]
    runpy.run_path(os.path.join(cases, name, "make.py"))
)";

/// What is right for a case: its images, classes and channels, and the number and kind of the problems of its files.
struct CaseOutcome {
  const char* name;
  size_t images = 8;
  int64_t classes = 2;  ///< 0: the labels are refused
  int64_t channels = 3;
  size_t ignored_values = 0;
  size_t problems = 0;
  FindingKind problem = FindingKind::unreadable;
};

const std::vector<CaseOutcome>& case_outcomes() {
  static const std::vector<CaseOutcome> table{
      {"good"},
      {"broken_files", 8, 2, 3, 0, 3, FindingKind::unreadable},
      {"class_missing_val", 9, 3},
      {"empty_masks", 8, 0, 3, 0, 1, FindingKind::labels},
      {"exif_half_turn"},
      {"exif_mask_shown"},
      {"folder_links"},
      {"folder_litter"},
      {"folder_nested"},
      {"img_cmyk"},
      {"img_encodings", 10},
      {"img_float_hu", 8, 2, 1},
      {"img_float_tiff", 8, 2, 1},
      {"img_four_band", 8, 2, 4},
      {"img_grey_and_rgb"},
      {"img_multipage", 12, 2, 1},
      {"img_names_extensions"},
      {"img_rgb_nir", 8, 2, 4},
      {"img_sixteen_low", 8, 2, 1},
      {"mask_float_tiff"},
      {"mask_gif"},
      {"mask_instances"},
      {"mask_jpeg"},
      {"mask_one_based", 8, 3},
      {"mask_one_bit_png"},
      {"mask_one_bit_tiff"},
      {"mask_palette_plain", 8, 3},
      {"mask_palette_voc", 8, 3, 3, 1},
      {"mask_rgb_colour", 8, 3},
      {"mask_rgb_grey"},
      {"mask_rgba_grey"},
      {"mask_soft"},
      {"mask_void_grey", 8, 3, 3, 1},
      {"mask_zero_one"},
      {"name_folders"},
      {"name_suffix"},
      {"names_unicode", 10},
      {"odd_sizes"},
      {"one_image", 1},
      {"size_one_off", 8, 0, 0, 0, 8, FindingKind::size_mismatch},
      {"wrong_extension"},
  };
  return table;
}

class SharedCases : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::filesystem::path cases = std::filesystem::path(UNET_SOURCE_DIR).parent_path() / "shared" / "cases";
    if (!std::filesystem::exists(cases)) {
      missing_ = cases.string();
      return;
    }
    if (std::system("/usr/bin/python3 -c 'import numpy, PIL, tifffile' 2>/dev/null") != 0) {
      missing_ = "/usr/bin/python3 with numpy, PIL and tifffile (python3-numpy, python3-pil, python3-tifffile)";
      return;
    }
    folder_ = std::make_unique<TempFolder>();
    std::string command = concat("/usr/bin/python3 -B -c '", kMakeCases, "' '", cases.string(), "' '", folder_->path(),
                                 "' other_formats");
    for (const CaseOutcome& each : case_outcomes()) command += std::string(" ") + each.name;
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    if (!missing_.empty()) GTEST_SKIP() << "no " << missing_;
    ASSERT_TRUE(folder_);
  }

  static std::string file(const std::string& name) { return *folder_ / name; }

  static Dataset open(const std::string& name) {
    DataOptions options;
    options.dir = file(name);
    return open_dataset(options, {2});
  }

 private:
  static inline std::string missing_;  ///< why the tests are skipped
  static inline std::unique_ptr<TempFolder> folder_;
};

void expect_outcome(const Dataset& dataset, const CaseOutcome& expected) {
  const std::string texts = testing::PrintToString(texts_of(dataset.problems));
  EXPECT_EQ(dataset.samples.size(), expected.images) << texts;
  size_t problems = 0;
  for (const Finding& problem : dataset.problems) problems += problem.kind == expected.problem ? 1 : 0;
  EXPECT_EQ(problems, expected.problems) << texts;
  EXPECT_TRUE(expected.problems > 0 || dataset.problems.empty()) << texts;
  if (expected.classes == 0) return;
  EXPECT_EQ(label_map(dataset.options).num_classes(), expected.classes);
  EXPECT_EQ(dataset.options.ignore_values.size(), expected.ignored_values);
  EXPECT_EQ(dataset.options.channels, expected.channels);
}

TEST_F(SharedCases, AreReadRightOrRefusedWithTheirCause) {
  for (const CaseOutcome& each : case_outcomes()) {
    SCOPED_TRACE(each.name);
    try {
      expect_outcome(open(each.name), each);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST_F(SharedCases, WhatWasDecidedIsSaid) {
  const std::pair<const char*, const char*> decisions[] = {
      {"img_cmyk", "CMYK images converted to RGB: 1"},
      {"img_sixteen_low", "images use 6% of the 16-bit range"},
      {"img_multipage", "stacks are read page by page"},
      {"mask_soft", "data.threshold"},
      {"mask_instances", "object numbers"},
      {"mask_palette_voc", "data.ignore_values=[255]"},
      {"name_suffix", "_mask"},
      {"exif_half_turn", "8 masks would fit either way"},
      {"img_float_hu", "1 pixels without a value"},
  };
  for (const auto& [name, text] : decisions) {
    const std::string lines = testing::PrintToString(open(name).decisions);
    EXPECT_TRUE(contains(lines, text)) << name << ": " << lines;
  }
}

TEST_F(SharedCases, PicturesInOtherFormatsAreReadOrNamed) {
  for (const char* read : {"a.gif", "c.ppm", "e.jfif", "f.npy", "k.pgm"})
    EXPECT_EQ(read_image(file(std::string("other_formats/") + read)).pixels.size(), cv::Size(64, 64)) << read;
  for (const char* refused : {"d.tga", "g.webp", "h.png", "i.nii.gz", "j.dcm"})
    EXPECT_THROW(read_image(file(std::string("other_formats/") + refused)), Error) << refused;
}

}  // namespace
}  // namespace unet
