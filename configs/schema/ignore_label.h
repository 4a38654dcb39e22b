#pragma once

#include <cstdint>

namespace unet {

/// The class index of pixels that count neither in a loss nor in a score.
inline constexpr std::int64_t kIgnoreLabel = 255;

/// Class indices are bytes below the ignore label.
inline constexpr std::int64_t kMaxClasses = 255;

}  // namespace unet
