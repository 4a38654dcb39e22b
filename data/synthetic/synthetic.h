#pragma once

#include <cstdint>
#include <string>

#include "data/dataset/sample.h"
#include "data/synthetic/synthetic_options.h"

namespace unet {

/// Makes one image (RGB, 8 bits) and its mask of class indices. Classes differ in the texture and the shape of their
/// objects, never in mean color: every object has a random color, and shading and noise cover the image.
Sample synthetic_sample(const SyntheticOptions& options, int64_t index);

/// Writes a data set to `dir`: train/, val/ and test/, each with images/ and masks/ (PNG; mask values evenly spaced
/// from 0 to 255, so that viewers show them). Throws Error(cannot_create) if `dir` exists and is not empty.
void write_synthetic(const SyntheticOptions& options, const std::string& dir);

}  // namespace unet
