#pragma once

#include <cstdint>
#include <string>

#include "data/sample.h"

namespace unet {

struct SyntheticOptions {
  int64_t count = 64;   ///< images in all: 3/4 train, 1/8 val, 1/8 test
  int64_t size = 128;   ///< height and width, pixels
  int64_t classes = 4;  ///< 2 to 5, background included
  uint64_t seed = 0;
};

/// One image (RGB, 8 bits) and its mask of class indices. Classes differ by the texture and the shape of
/// their objects, never by mean colour: every object's colour is drawn anew, shading and noise lie over all.
Sample synthetic_sample(const SyntheticOptions& options, int64_t index);

/// Writes a data set to `dir`: train/, val/ and test/, each with images/ and masks/ (PNG; mask codes
/// evenly spread from 0 to 255 so that a viewer shows them). Throws Error(cannot_create) when `dir` is there
/// and not empty.
void write_synthetic(const SyntheticOptions& options, const std::string& dir);

}  // namespace unet
