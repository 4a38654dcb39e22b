#include "data/dataset/label_shapes.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

TEST(MaskShapes, CountPiecesAreasAndBorders) {
  const cv::Mat mask = (cv::Mat_<uint8_t>(5, 7) <<  //
                            1,
                        0, 1, 0, 2, 2, 2,     //
                        0, 1, 0, 0, 2, 2, 2,  //
                        0, 0, 0, 0, 2, 2, 2,  //
                        1, 0, 0, 0, 2, 2, 2,  //
                        0, 0, 255, 0, 2, 2, 2);
  const MaskShapes shapes = measure_shapes(mask, count_values(mask));
  EXPECT_TRUE(shapes.is_measured);
  EXPECT_EQ(shapes.pieces, 4) << "diagonal neighbors are connected";
  EXPECT_EQ(shapes.flat, (ValueCounts{{2, 10}})) << "beyond the edge everything is equal";
  ASSERT_EQ(shapes.borders.size(), 1u);
  EXPECT_EQ(shapes.borders.at(255).pixels, 1);
  EXPECT_EQ(shapes.borders.at(255).thick, 0);
  EXPECT_EQ(shapes.borders.at(255).between, 1);
  EXPECT_FALSE(measure_shapes(cv::Mat::eye(4, 4, CV_8UC1), {{0, 12}, {1, 4}}).is_measured);
}

TEST(MaskShapes, PiecesThatMeetLaterAreOne) {
  const cv::Mat mask = (cv::Mat_<uint8_t>(4, 7) <<  //
                            3,
                        0, 3, 0, 3, 0, 5,     //
                        3, 0, 3, 0, 3, 0, 0,  //
                        3, 3, 3, 3, 3, 0, 5,  //
                        0, 0, 0, 0, 0, 0, 0);
  EXPECT_EQ(measure_shapes(mask, count_values(mask)).pieces, 3);
}

}  // namespace
}  // namespace unet
