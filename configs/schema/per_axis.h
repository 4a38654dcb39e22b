#pragma once

#include <array>
#include <cstdint>

namespace unet {

/// A whole number for the height and one for the width.
using PerAxis = std::array<int64_t, 2>;

}  // namespace unet
