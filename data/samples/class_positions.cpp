#include "data/samples/class_positions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace unet {
namespace {

/// A uniform choice of the pixels of one class, which are added in runs along the rows.
/// Source: algorithm L, Li 1994, doi:10.1145/198429.198435: random numbers only for the pixels that are kept.
class PixelReservoir {
 public:
  PixelReservoir(uint64_t seed, int label) : rng_(Rng::from(seed, "class_positions", label)) {}

  void add_run(cv::Point first, int length) {
    for (; next_ < seen_ + length; advance()) keep(first + cv::Point(static_cast<int>(next_ - seen_), 0));
    seen_ += length;
  }

  std::vector<cv::Point>& kept() { return kept_; }

 private:
  void keep(cv::Point pixel) {
    if (kept_.size() < ClassPositions::kMaxKept)
      kept_.push_back(pixel);
    else
      kept_[static_cast<size_t>(rng_.below(ClassPositions::kMaxKept))] = pixel;
  }

  /// Moves `next_` to the next pixel to keep.
  void advance() {
    ++next_;
    if (kept_.size() < ClassPositions::kMaxKept) return;
    constexpr double kFarthest = 1e15;  // beyond any image
    share_ *= std::exp(std::log(positive()) / ClassPositions::kMaxKept);
    next_ += static_cast<int64_t>(std::min(kFarthest, std::floor(std::log(positive()) / std::log1p(-share_))));
  }

  /// Uniform in (0, 1].
  double positive() { return 1 - rng_.uniform(); }

  Rng rng_;
  double share_ = 1;
  int64_t seen_ = 0, next_ = 0;  ///< numbers of pixels of the class
  std::vector<cv::Point> kept_;
};

/// Returns the rows of a band, a multiple of the usual heights of tiles.
int band_rows_of(cv::Size size) {
  constexpr int kPixels = 1 << 24, kTileRows = 256;
  return std::max(kPixels / size.width / kTileRows, 1) * kTileRows;
}

}  // namespace

ClassPositions::ClassPositions(const SampleSource& sample, const std::vector<bool>& classes, uint64_t seed) {
  std::vector<PixelReservoir> reservoirs;
  for (int label = 0; label < 256; ++label) reservoirs.emplace_back(seed, label);
  const cv::Size size = sample.size();
  const int rows = band_rows_of(size);
  for (int top = 0; top < size.height; top += rows) {
    const cv::Mat mask = sample.region({0, top, size.width, std::min(rows, size.height - top)}).mask;
    for (int y = 0; y < mask.rows; ++y) {
      const auto* const row = mask.ptr<uchar>(y);
      for (int begin = 0, end = 0; begin < mask.cols; begin = end) {
        const uchar label = row[begin];
        while (end < mask.cols && row[end] == label) ++end;
        if (classes[label]) reservoirs[label].add_run({begin, top + y}, end - begin);
      }
    }
  }
  for (PixelReservoir& reservoir : reservoirs)
    if (!reservoir.kept().empty()) positions_.push_back(std::move(reservoir.kept()));
}

std::optional<cv::Point> ClassPositions::draw(Rng& rng) const {
  if (positions_.empty()) return std::nullopt;
  const auto& pixels = positions_[static_cast<size_t>(rng.below(static_cast<int64_t>(positions_.size())))];
  return pixels[static_cast<size_t>(rng.below(static_cast<int64_t>(pixels.size())))];
}

size_t ClassPositions::bytes() const {
  size_t bytes = sizeof *this;
  for (const auto& pixels : positions_) bytes += sizeof pixels + pixels.capacity() * sizeof(cv::Point);
  return bytes;
}

}  // namespace unet
