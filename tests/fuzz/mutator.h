#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace unet {

/// Damages files: bits, bytes and numbers changed, blocks removed, repeated, moved, zeroed or taken from another file.
/// The same seed gives the same sequence.
class Mutator {
 public:
  /// `words` are pieces of the format to insert.
  Mutator(uint64_t seed, std::vector<std::string> words) : random_(seed), words_(std::move(words)) {}

  /// Returns a damaged copy of one of `files`, of at most `kMaxBytes`.
  std::string damaged(const std::vector<std::string>& files);

  /// Returns a number from 0 to `count` - 1; 0 for a count of 0.
  size_t below(size_t count) { return count == 0 ? 0 : random_() % count; }

  static constexpr size_t kMaxBytes = 64 << 10;

 private:
  void change(std::string& bytes, const std::vector<std::string>& files);
  void change_byte(std::string& bytes);
  void change_number(std::string& bytes);
  void change_digits(std::string& bytes);
  void repeat_block(std::string& bytes);
  void take_from(std::string& bytes, const std::string& other);

  std::mt19937_64 random_;
  std::vector<std::string> words_;
};

}  // namespace unet
