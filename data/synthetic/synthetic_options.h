#pragma once

#include <cstdint>

namespace unet {

/// Options of a synthetic data set (see synthetic.h).
struct SyntheticOptions {
  int64_t count = 64;   ///< number of images: 3/4 train, 1/8 val, 1/8 test
  int64_t size = 128;   ///< height and width, pixels
  int64_t classes = 4;  ///< 2 to 5, including the background
  uint64_t seed = 0;
};

}  // namespace unet
