#include "app/inference/inputs.h"

#include <gtest/gtest.h>

#include <fstream>

#include "data/images/image_io.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

class Inputs : public testing::Test {
 protected:
  void touch(const std::string& name) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    std::ofstream(folder_ / name) << "x";
  }
  std::vector<std::string> relative_names(const std::vector<std::string>& inputs, bool recursive) {
    std::vector<std::string> names;
    for (const auto& image : find_inputs(inputs, recursive)) names.push_back(image.relative.string());
    return names;
  }
  TempFolder folder_;
};

TEST_F(Inputs, FoldersGiveTheirImagesInOrder) {
  for (const char* name : {"b.png", "a.JPG", "notes.txt", ".hidden.png", "deep/c.tif"}) touch(name);
  EXPECT_EQ(relative_names({folder_.path()}, false), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(relative_names({folder_.path()}, true), (std::vector<std::string>{"a", "b", "deep/c"}));
}

TEST_F(Inputs, FilesThatAreLeftOutAreListed) {
  for (const char* name : {"a.png", "b.jfif", "notes.txt", "deep/c.dcm"}) touch(name);
  std::vector<std::string> left_out;
  EXPECT_EQ(find_inputs({folder_.path()}, true, &left_out).size(), 2u);
  EXPECT_EQ(left_out, (std::vector<std::string>{folder_ / "deep/c.dcm", folder_ / "notes.txt"}));
}

TEST_F(Inputs, PagesAreCountedAndTheirNamesAreTaken) {
  const cv::Mat page(4, 6, CV_32FC1, cv::Scalar(1));
  write_tiff_pages(folder_ / "v.tif", {page, page, page});
  touch("w.png");
  const std::vector<InputImage> images = find_inputs({folder_.path()}, false);
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[0].pages, 3);
  EXPECT_EQ(page_path(images[0], 2).string(), "v_p0003");
  EXPECT_EQ(images[1].pages, 1);
  touch("v_p0002.png");
  EXPECT_NE(error_text(ErrorKind::usage, [&] { find_inputs({folder_.path()}, false); }).find("v_p0002"),
            std::string::npos);
}

TEST_F(Inputs, PatternsAndFilesAreAccepted) {
  for (const char* name : {"a1.png", "a2.png", "b.png"}) touch(name);
  EXPECT_EQ(relative_names({folder_ / "a*.png", folder_ / "b.png"}, false),
            (std::vector<std::string>{"a1", "a2", "b"}));
}

TEST_F(Inputs, LinksToFoldersAreNotFollowed) {
  touch("a.png");
  std::filesystem::create_directory_symlink(folder_.path(), folder_ / "circle");
  EXPECT_EQ(relative_names({folder_.path()}, true), (std::vector<std::string>{"a"}));
}

TEST_F(Inputs, MissingInputsAreRefused) {
  EXPECT_NE(error_text(ErrorKind::missing_input, [&] { find_inputs({folder_ / "none"}, false); }).find("none"),
            std::string::npos);
  EXPECT_NE(error_text(ErrorKind::missing_input, [&] { find_inputs({folder_.path()}, false); }).find("--recursive"),
            std::string::npos);
}

TEST_F(Inputs, TwoImagesForOneOutputAreRefused) {
  touch("a.png");
  touch("a.jpg");
  EXPECT_NE(error_text(ErrorKind::usage, [&] { find_inputs({folder_.path()}, false); }).find("a.png"),
            std::string::npos);
}

}  // namespace
}  // namespace unet
