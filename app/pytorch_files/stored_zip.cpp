#include "app/pytorch_files/stored_zip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "app/pytorch_files/little_endian.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

constexpr std::string_view kEndSignature("PK\5\6");
constexpr std::string_view kEnd64Signature("PK\6\6");
constexpr std::string_view kLocator64Signature("PK\6\7");
constexpr std::string_view kEntrySignature("PK\1\2");
constexpr std::string_view kFileSignature("PK\3\4");
constexpr size_t kEndBytes = 22, kLocator64Bytes = 20, kEnd64Bytes = 56, kEntryBytes = 46, kFileBytes = 30;
constexpr size_t kMaxCommentLength = 65535;
constexpr uint64_t kIn64 = 0xffffffff;  ///< the value is in the zip64 field instead
constexpr uint16_t kZip64Field = 1;

struct Entry {
  std::string name;
  uint64_t crc = 0, stored = 0, size = 0, offset = 0;
};

class Zip {
 public:
  Zip(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::map<std::string, std::string_view> files() const {
    std::map<std::string, std::string_view> found;
    const Directory directory = find_directory();
    size_t position = directory.offset;
    for (uint64_t i = 0; i < directory.entries; ++i) {
      const Entry entry = read_entry(position);
      if (!found.emplace(entry.name, content(entry)).second) refuse("'" + entry.name + "' occurs twice");
    }
    return found;
  }

 private:
  struct Directory {
    uint64_t entries = 0, offset = 0;
  };

  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorKind::data, name_, ": ", what, ". The file is truncated or damaged; copy or download it again.");
  }

  std::string_view part(uint64_t offset, uint64_t count) const {
    if (offset > bytes_.size() || count > bytes_.size() - offset) refuse("a record lies beyond the end");
    return bytes_.substr(offset, count);
  }
  uint64_t number(uint64_t offset, size_t count) const { return little_endian(part(offset, count), count); }
  bool has(std::string_view signature, uint64_t offset) const {
    return offset <= bytes_.size() && bytes_.substr(offset, signature.size()) == signature;
  }

  Directory find_directory() const {
    const size_t nearest = bytes_.size() - std::min(bytes_.size(), kEndBytes);
    const size_t end = bytes_.rfind(kEndSignature, nearest);
    if (end == std::string_view::npos || nearest - end > kMaxCommentLength) refuse("no central directory at its end");
    part(end, kEndBytes);
    if (end < kLocator64Bytes || !has(kLocator64Signature, end - kLocator64Bytes))
      return {number(end + 10, 2), number(end + 16, 4)};
    const uint64_t end64 = number(end - kLocator64Bytes + 8, 8);
    part(end64, kEnd64Bytes);
    if (!has(kEnd64Signature, end64)) refuse("no central directory at the offset given");
    return {number(end64 + 32, 8), number(end64 + 48, 8)};
  }

  /// Reads the entry at `position` and advances `position` to the next one.
  Entry read_entry(size_t& position) const {
    part(position, kEntryBytes);
    if (!has(kEntrySignature, position)) refuse("its central directory is incomplete");
    if ((number(position + 8, 2) & 1) != 0 || number(position + 10, 2) != 0)
      fail(ErrorKind::data, name_,
           ": has compressed files, as TorchScript archives do, or encrypted ones. Expected a file written by ",
           "torch.save(model.state_dict(), FILE).");
    Entry entry{"", number(position + 16, 4), number(position + 20, 4), number(position + 24, 4),
                number(position + 42, 4)};
    const uint64_t name_length = number(position + 28, 2), extra_length = number(position + 30, 2),
                   comment = number(position + 32, 2);
    entry.name = part(position + kEntryBytes, name_length);
    read_zip64(entry, position + kEntryBytes + name_length, extra_length);
    if (entry.stored != entry.size) refuse("'" + entry.name + "' has two different sizes");
    position += kEntryBytes + name_length + extra_length + comment;
    return entry;
  }

  void read_zip64(Entry& entry, uint64_t position, uint64_t length) const {
    const uint64_t end = position + length;
    part(position, length);
    while (position + 4 <= end) {
      const uint64_t field = number(position, 2), field_length = number(position + 2, 2);
      position += 4;
      if (field == kZip64Field) {
        uint64_t value_position = position;
        for (uint64_t* value : {&entry.size, &entry.stored, &entry.offset})
          if (*value == kIn64) {
            *value = number(value_position, 8);
            value_position += 8;
          }
      }
      position += field_length;
    }
  }

  std::string_view content(const Entry& entry) const {
    part(entry.offset, kFileBytes);
    if (!has(kFileSignature, entry.offset))
      refuse("'" + entry.name + "' is not at the offset that the central directory gives");
    const uint64_t lengths = number(entry.offset + 26, 2) + number(entry.offset + 28, 2);
    const std::string_view data = part(entry.offset + kFileBytes + lengths, entry.size);
    uLong crc = 0;
    for (size_t done = 0; done < data.size();) {
      const size_t count = std::min<size_t>(data.size() - done, std::numeric_limits<uInt>::max());
      crc = ::crc32(crc, reinterpret_cast<const Bytef*>(data.data() + done), static_cast<uInt>(count));
      done += count;
    }
    if (crc != entry.crc) refuse("'" + entry.name + "' does not match its checksum");
    return data;
  }

  std::string_view bytes_;
  const std::string& name_;
};

}  // namespace

std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& name) {
  return Zip(bytes, name).files();
}

}  // namespace unet
