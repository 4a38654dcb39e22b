#include "data/images/exif.h"

#include "data/images/byte_view.h"

namespace unet {
namespace {

constexpr uint16_t kOrientationTag = 0x0112;
constexpr size_t kEntryBytes = 12;

int read_orientation(const ByteView& block) {
  const bool little = block.has("II", 0);
  const auto u16 = [&](size_t offset) { return little ? block.u16_le(offset) : block.u16_be(offset); };
  const size_t directory = little ? block.u32_le(4) : block.u32_be(4);
  const size_t entries = u16(directory);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (u16(entry) != kOrientationTag) continue;
    const int orientation = u16(entry + 8);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::string_view block) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (block.substr(0, kPrefix.size()) == kPrefix) block.remove_prefix(kPrefix.size());
  try {
    return read_orientation(ByteView(block, "EXIF"));
  } catch (const Error&) {
    // A broken block does not affect the pixels, and viewers show such a file as it is stored.
    return 1;
  }
}

}  // namespace unet
