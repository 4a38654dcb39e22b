#include "data/dataset/content_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace unet {

uint64_t content_hash(const cv::Mat& image) {
  const cv::Mat pixels = image.isContinuous() ? image : image.clone();
  const XXH64_hash_t shape =
      XXH3_64bits_withSeed(&pixels.cols, sizeof(pixels.cols), static_cast<uint64_t>(pixels.type()));
  return XXH3_64bits_withSeed(pixels.data, pixels.total() * pixels.elemSize(), shape);
}

}  // namespace unet
