#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <iterator>

namespace unet {
namespace {

/// Numbers at the edges of types, and counts that no file can hold.
constexpr uint64_t kEdges[] = {0,       1,          2,          0x7F,       0x80,       0xFF,
                               0x100,   0x7FFF,     0x8000,     0xFFFF,     0x10000,    0xFFFFFF,
                               1 << 28, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1ULL << 32, ~uint64_t{0}};

const std::vector<std::string> kDigits{"0",
                                       "-1",
                                       "1e308",
                                       "-1e308",
                                       "1e-320",
                                       "4294967296",
                                       "9223372036854775808",
                                       "255",
                                       "2147483648",
                                       "0.5",
                                       "99999999999999999999",
                                       "1e999",
                                       "NaN",
                                       ""};

}  // namespace

std::string Mutator::damaged(const std::vector<std::string>& files) {
  std::string bytes = files[below(files.size())];
  for (size_t count = 1 + below(4); count > 0; --count) change(bytes, files);
  if (bytes.size() > kMaxBytes) bytes.resize(kMaxBytes);
  return bytes;
}

void Mutator::change(std::string& bytes, const std::vector<std::string>& files) {
  const size_t at = below(bytes.size()), length = 1 + below(below(4) == 0 ? bytes.size() : 16);
  switch (below(12)) {
    case 0:
    case 1:
      return change_byte(bytes);
    case 2:
    case 3:
      return change_number(bytes);
    case 4:
      return change_digits(bytes);
    case 5:
      bytes.resize(at);
      return;
    case 6:
      bytes.erase(at, length);
      return;
    case 7:
      return repeat_block(bytes);
    case 8:
      bytes.replace(at, std::min(length, bytes.size() - at), bytes.substr(below(bytes.size()), length));
      return;
    case 9:
      bytes.replace(at, std::min(length, bytes.size() - at), std::string(length, '\0'));
      return;
    case 10:
      return take_from(bytes, files[below(files.size())]);
    default:
      if (!words_.empty()) bytes.insert(at, words_[below(words_.size())]);
  }
}

void Mutator::change_byte(std::string& bytes) {
  if (bytes.empty()) return;
  char& byte = bytes[below(below(3) == 0 ? std::min<size_t>(bytes.size(), 64) : bytes.size())];
  byte = static_cast<char>(below(2) == 0 ? byte ^ 1 << below(8) : static_cast<int>(below(256)));
}

/// Writes a number of 1, 2, 4 or 8 bytes in either byte order, or adds a little to the one that is there.
void Mutator::change_number(std::string& bytes) {
  const size_t count = size_t{1} << below(4);
  if (bytes.size() < count) return;
  const size_t at = below(bytes.size() - count + 1);
  const bool is_big = below(2) == 0;
  const auto place = [&](size_t i) { return at + (is_big ? count - 1 - i : i); };
  uint64_t number = 0;
  for (size_t i = count; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[place(i)]);
  number = below(2) == 0 ? number + below(9) - 4 : kEdges[below(std::size(kEdges))];
  for (size_t i = 0; i < count; ++i) bytes[place(i)] = static_cast<char>(number >> 8 * i & 0xFF);
}

/// Replaces a number of text.
void Mutator::change_digits(std::string& bytes) {
  static const char* kNumber = "0123456789.-+eE";
  const size_t begin = bytes.find_first_of("0123456789", below(bytes.size()));
  if (begin == std::string::npos) return;
  const size_t end = std::min(bytes.find_first_not_of(kNumber, begin), bytes.size());
  bytes.replace(begin, end - begin, kDigits[below(kDigits.size())]);
}

void Mutator::repeat_block(std::string& bytes) {
  const size_t at = below(bytes.size()), length = 1 + below(below(2) == 0 ? 4 : 64);
  const std::string block = bytes.substr(at, length);
  size_t count = below(8) == 0 ? kMaxBytes / length : 1 + below(8);
  std::string repeated;
  for (; count > 0 && repeated.size() < kMaxBytes; --count) repeated += block;
  bytes.insert(at, repeated);
}

/// Puts a block of another file in place of one of this file, or joins the beginning of one with the end of the other.
void Mutator::take_from(std::string& bytes, const std::string& other) {
  const size_t at = below(bytes.size()), from = below(other.size());
  if (below(2) == 0) {
    bytes = bytes.substr(0, at) + other.substr(from);
  } else {
    const std::string block = other.substr(from, 1 + below(64));
    bytes.replace(at, std::min(block.size(), bytes.size() - at), block);
  }
}

}  // namespace unet
