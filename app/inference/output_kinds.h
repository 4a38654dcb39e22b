#pragma once

#include <string_view>

namespace unet {

inline constexpr std::string_view kColorKind = "color";
inline constexpr std::string_view kOldColorKind = "colour";  ///< still accepted by `--save`

/// Kinds of output of `unet predict`, in the order of the help; outputs.cpp writes them.
inline constexpr std::string_view kOutputKinds[] = {"mask", "index", kColorKind, "overlay", "probabilities"};

}  // namespace unet
