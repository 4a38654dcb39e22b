#pragma once

#include "configs/schema/enum_names.h"

namespace unet {

/// What the pixels of a mask with a palette stand for.
enum class PaletteMode { indices, colors };
template <>
struct EnumNames<PaletteMode> {
  static constexpr EnumName<PaletteMode> table[] = {{"indices", PaletteMode::indices}, {"colors", PaletteMode::colors}};
};

/// Where a mask file stores its label values.
enum class MaskChannel { color, alpha };
template <>
struct EnumNames<MaskChannel> {
  static constexpr EnumName<MaskChannel> table[] = {{"color", MaskChannel::color}, {"alpha", MaskChannel::alpha}};
};

/// How label values are read from mask files.
struct MaskReading {
  PaletteMode palette = PaletteMode::indices;
  MaskChannel channel = MaskChannel::color;
};

}  // namespace unet
