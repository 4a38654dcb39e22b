#include "data/images/tiff_pages.h"

#include <gtest/gtest.h>

#include "data/images/image_io.h"
#include "data/images/image_signature.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

TEST(TiffPages, PagesOfEveryTypeAreReadBackExactly) {
  const TempFolder folder;
  const std::string path = folder / "stack.tiff";
  cv::Mat floats(5, 9, CV_32FC1);
  cv::randu(floats, -1, 1);
  const std::vector<cv::Mat> pages{noise(CV_8UC1, 30, 17), noise(CV_16UC1), noise(CV_8UC3), noise(CV_16UC3, 1, 1),
                                   floats};
  TiffPages writer(path);
  for (const cv::Mat& page : pages) writer.add(page);
  EXPECT_FALSE(std::filesystem::exists(path)) << "the file is complete or absent";
  writer.finish();
  ASSERT_EQ(count_pages(path), 5);
  for (size_t i = 0; i < pages.size(); ++i) {
    const cv::Mat read = read_image(path, static_cast<int>(i)).pixels;
    ASSERT_EQ(read.type(), pages[i].type()) << i;
    ASSERT_EQ(read.size(), pages[i].size()) << i;
    EXPECT_EQ(cv::norm(read, pages[i], cv::NORM_INF), 0) << i;
  }
}

TEST(TiffPages, AFolderThatIsMissingIsNamed) {
  TiffPages writer("/nowhere/at/all.tiff");
  writer.add(noise(CV_8UC1));
  EXPECT_NE(error_text(ErrorKind::cannot_create, [&] { writer.finish(); }).find("/nowhere/at/all.tiff"),
            std::string::npos);
}

}  // namespace
}  // namespace unet
