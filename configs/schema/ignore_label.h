#pragma once

#include <cstdint>

namespace unet {

/// Class index of ignored pixels, which are excluded from losses and scores.
inline constexpr std::int64_t kIgnoreLabel = 255;

/// Largest number of classes: class indices are bytes below the ignore label.
inline constexpr std::int64_t kMaxClasses = 255;

}  // namespace unet
