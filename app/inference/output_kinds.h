#pragma once

#include <string_view>

namespace unet {

/// The kinds of output of `unet predict`, in the order of help. What writes them is in outputs.cpp.
inline constexpr std::string_view kOutputKinds[] = {"mask", "index", "colour", "overlay", "probabilities"};

}  // namespace unet
