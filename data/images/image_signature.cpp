#include "data/images/image_signature.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <set>
#include <vector>

#include "data/files/read_file.h"
#include "data/images/format.h"

namespace unet {
namespace {

constexpr size_t kSignatureBytes = 512;  ///< enough to recognize a format, and for the header of a NumPy array

/// Reads little and big endian numbers at places of a file; `ok` is false from the first that does not exist on.
class NumberReader {
 public:
  explicit NumberReader(const std::string& path) : file_(path, std::ios::binary) {}

  uint64_t read(uint64_t offset, int bytes) {
    unsigned char buffer[8] = {};
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(buffer), bytes);
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | buffer[big_endian ? i : bytes - 1 - i];
    return value;
  }
  bool ok() const { return static_cast<bool>(file_); }

  bool big_endian = false;

 private:
  std::ifstream file_;
};

/// Number of bytes of the numbers of a TIFF directory: classic or BigTIFF.
struct TiffSizes {
  int count, offset;
  uint64_t entry;
};

/// Whether a directory describes an image rather than a reduced copy or a transparency mask.
bool is_page(NumberReader& file, uint64_t entries, uint64_t count, const TiffSizes& sizes) {
  constexpr uint64_t kNewSubfileType = 254, kSubfileType = 255, kReduced = 1, kMask = 4, kOldReduced = 2;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t entry = entries + i * sizes.entry;
    const uint64_t tag = file.read(entry, 2);
    if (tag > kSubfileType || !file.ok()) break;
    const uint64_t value_at = entry + sizes.entry - static_cast<uint64_t>(sizes.offset);
    const bool is_short = file.read(entry + 2, 2) == 3;
    const uint64_t value = file.read(value_at, is_short ? 2 : 4);
    if (tag == kNewSubfileType) return (value & (kReduced | kMask)) == 0;
    if (tag == kSubfileType) return value != kOldReduced;
  }
  return true;
}

/// Whether a NumPy array may hold pages: three axes, each longer than any image has channels.
bool may_hold_pages(const std::string& head) {
  int a = 0, b = 0, c = 0;
  const size_t shape = head.find("'shape': (");
  return shape != std::string::npos && std::sscanf(head.c_str() + shape, "'shape': (%d, %d, %d)", &a, &b, &c) == 3 &&
         std::min({a, b, c}) > kMaxChannels;
}

/// Reads only the directories of a TIFF.
int count_tiff_pages(const std::string& path) {
  constexpr int kMaxPages = 1 << 20;
  NumberReader file(path);
  const uint64_t order = file.read(0, 2);
  if (order != 0x4949 && order != 0x4D4D) return 1;
  file.big_endian = order == 0x4D4D;
  const uint64_t version = file.read(2, 2);
  if (version != 42 && version != 43) return 1;
  const bool is_big = version == 43;
  const TiffSizes sizes = is_big ? TiffSizes{8, 8, 20} : TiffSizes{2, 4, 12};
  int pages = 0;
  std::set<uint64_t> seen;
  for (uint64_t at = file.read(is_big ? 8 : 4, sizes.offset); file.ok() && at != 0 && seen.insert(at).second;) {
    const uint64_t count = file.read(at, sizes.count);
    const uint64_t entries = at + static_cast<uint64_t>(sizes.count);
    if (!file.ok() || count > 4096 || pages == kMaxPages) return std::max(1, pages);
    if (is_page(file, entries, count, sizes)) ++pages;
    at = file.read(entries + count * sizes.entry, sizes.offset);
  }
  return std::max(1, pages);
}

}  // namespace

bool has_image_signature(const std::string& path) {
  const std::string head = read_beginning(path, kSignatureBytes);
  const ByteView view(head, path);
  return std::any_of(format_readers().begin(), format_readers().end(), [&](const FormatReader& reader) {
    try {
      return reader.matches(view);
    } catch (const Error&) {
      return false;
    }
  });
}

int count_pages(const std::string& path) {
  const std::string head = read_beginning(path, kSignatureBytes);
  const auto begins = [&](const char* text) { return head.rfind(text, 0) == 0; };
  if (begins("II") || begins("MM")) return count_tiff_pages(path);
  if (!begins("GIF8") && !(begins("\x93NUMPY") && may_hold_pages(head))) return 1;
  try {
    return probe_image(read_file(path), path).pages;
  } catch (const Error&) {
    return 1;
  }
}

}  // namespace unet
