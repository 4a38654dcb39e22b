#include "app/scores/skeleton.h"

#include <array>
#include <vector>

namespace unet {
namespace {

/// Whether a pixel is deleted in the first or second half of a pass, by its neighbors: bit 0 is the one above, the
/// others follow clockwise.
constexpr bool is_deleted(unsigned neighbors, bool second_half) {
  int count = 0, rises = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const bool here = (neighbors >> i & 1U) != 0, next = (neighbors >> (i + 1) % 8 & 1U) != 0;
    count += here ? 1 : 0;
    rises += !here && next ? 1 : 0;
  }
  const bool up = (neighbors & 1U) != 0, right = (neighbors & 4U) != 0;
  const bool down = (neighbors & 16U) != 0, left = (neighbors & 64U) != 0;
  const bool is_open = second_half ? !(up && right && left) && !(up && down && left)
                                   : !(up && right && down) && !(right && down && left);
  return count >= 2 && count <= 6 && rises == 1 && is_open;
}

using DeletionTable = std::array<std::array<bool, 256>, 2>;

constexpr DeletionTable make_deletion_table() {
  DeletionTable table{};
  for (unsigned half = 0; half < 2; ++half)
    for (unsigned neighbors = 0; neighbors < 256; ++neighbors)
      table[half][neighbors] = is_deleted(neighbors, half == 1);
  return table;
}
constexpr DeletionTable kDeletionTable = make_deletion_table();

/// The mask within a frame of empty pixels, and the pixels that a pass has to look at: those on the edge of the mask.
class Thinning {
 public:
  explicit Thinning(const cv::Mat& mask) : pixels_(mask.rows + 2, mask.cols + 2, CV_8UC1, cv::Scalar(kEmpty)) {
    const auto stride = static_cast<std::ptrdiff_t>(pixels_.cols);
    steps_ = {-stride, -stride + 1, 1, stride + 1, stride, stride - 1, -1, -stride - 1};
    pixels_(cv::Rect(1, 1, mask.cols, mask.rows)).setTo(cv::Scalar(kInner), mask);
    for (int y = 1; y <= mask.rows; ++y)
      for (int x = 1; x <= mask.cols; ++x) {
        uint8_t* pixel = pixels_.ptr(y, x);
        if (*pixel != kEmpty && neighbors_of(pixel) != 255U) queue(pixel);
      }
  }

  cv::Mat run() {
    for (size_t deleted = 1; deleted > 0;) {
      deleted = delete_pixels(0);
      deleted += delete_pixels(1);
    }
    return pixels_(cv::Rect(1, 1, pixels_.cols - 2, pixels_.rows - 2)) != static_cast<int>(kEmpty);
  }

 private:
  enum State : uint8_t { kEmpty = 0, kInner = 1, kQueued = 2 };

  unsigned neighbors_of(const uint8_t* pixel) const {
    unsigned neighbors = 0;
    for (unsigned i = 0; i < 8; ++i) neighbors |= (pixel[steps_[i]] != kEmpty ? 1U : 0U) << i;
    return neighbors;
  }

  /// Whether the pixel is the upper left one of a component of 2x2 pixels, which would be deleted as a whole.
  bool begins_square(const uint8_t* pixel) const {
    return neighbors_of(pixel) == 0b0001'1100 && neighbors_of(pixel + steps_[2]) == 0b0111'0000 &&
           neighbors_of(pixel + steps_[3]) == 0b1100'0001 && neighbors_of(pixel + steps_[4]) == 0b0000'0111;
  }

  void queue(uint8_t* pixel) {
    *pixel = kQueued;
    edge_.push_back(pixel);
  }

  /// Deletes all pixels that half a pass deletes at once, and returns how many they are.
  size_t delete_pixels(size_t half) {
    std::vector<uint8_t*> deleted, kept;
    for (uint8_t* pixel : edge_) {
      const bool is_lost = kDeletionTable[half][neighbors_of(pixel)] && !begins_square(pixel);
      (is_lost ? deleted : kept).push_back(pixel);
    }
    edge_ = std::move(kept);
    for (uint8_t* pixel : deleted) *pixel = kEmpty;
    for (uint8_t* pixel : deleted)
      for (const std::ptrdiff_t step : steps_)
        if (pixel[step] == kInner) queue(pixel + step);
    return deleted.size();
  }

  cv::Mat pixels_;
  std::array<std::ptrdiff_t, 8> steps_{};
  std::vector<uint8_t*> edge_;
};

}  // namespace

cv::Mat skeleton(const cv::Mat& mask) { return Thinning(mask).run(); }

}  // namespace unet
