// Image files damaged in 12 ways: each is refused by name, or gives the pixels that it had. Only formats that store no
// checksum may give other pixels.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <iostream>
#include <map>
#include <opencv2/imgproc.hpp>

#include "data/images/image_io.h"
#include "tests/support/equal_images.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"
#include "tests/support/trust.h"

namespace unet {
namespace {

constexpr int kDamagesOfAKind = 12;

/// An undamaged file, and where things are in it.
struct SoundFile {
  std::string extension;
  std::string bytes;
  size_t header_begin, header_end;               ///< of the part that describes the pixels
  size_t body_begin, body_end;                   ///< of the pixels
  size_t length_at;                              ///< of a checksum, length or offset
  std::vector<std::pair<size_t, size_t>> swaps;  ///< places of width and height, of `side_bytes`
  size_t side_bytes;
  bool has_checksums = false;
};

enum class DamageOutcome { same, refused, other_pixels, wrong };
constexpr const char* kOutcomeNames[] = {"same", "refused", "other pixels", "wrong"};

cv::Mat smooth_noise() {
  cv::Mat smooth;
  cv::GaussianBlur(noise(), smooth, {}, 1);
  return smooth;
}

SoundFile sound_png() {
  const std::string bytes = encode_image(".png", smooth_noise());
  return {".png", bytes, 8, 33, 41, bytes.size() - 16, 29, {{16, 20}}, 4, true};
}

SoundFile sound_jpeg() {
  const std::string bytes = encode_image(".jpg", smooth_noise());
  const size_t frame = bytes.find("\xFF\xC0"), scan = bytes.find("\xFF\xDA");
  return {".jpg", bytes, 0, scan, scan + 14, bytes.size() - 2, frame + 2, {{frame + 5, frame + 7}}, 2};
}

/// Reads a little endian number.
size_t number_at(const std::string& bytes, size_t at, size_t count) {
  size_t number = 0;
  for (size_t i = count; i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes.at(at + i));
  return number;
}

/// Place of the value of a tag in a directory of a TIFF.
size_t tiff_value(const std::string& bytes, size_t directory, size_t tag) {
  for (size_t i = 0; i < number_at(bytes, directory, 2); ++i)
    if (const size_t entry = directory + 2 + 12 * i; number_at(bytes, entry, 2) == tag) return entry + 8;
  return directory;
}

SoundFile sound_tiff() {
  const std::string bytes = encode_image(".tif", smooth_noise());
  const size_t directory = number_at(bytes, 4, 4);
  const size_t width = tiff_value(bytes, directory, TIFFTAG_IMAGEWIDTH);
  const size_t height = tiff_value(bytes, directory, TIFFTAG_IMAGELENGTH);
  return {".tif",
          bytes,
          directory,
          bytes.size(),
          8,
          directory,
          tiff_value(bytes, directory, TIFFTAG_STRIPBYTECOUNTS),
          {{width, height}},
          2};
}

SoundFile sound_bmp() {
  const std::string bytes = encode_image(".bmp", smooth_noise());
  return {".bmp", bytes, 0, 54, 54, bytes.size(), 10, {{18, 22}}, 4};
}

SoundFile sound_webp() {
  const std::string bytes = encode_image(".webp", smooth_noise(), {cv::IMWRITE_WEBP_QUALITY, 80});
  return {".webp", bytes, 0, 30, 30, bytes.size(), 16, {{26, 28}}, 2};
}

SoundFile sound_gif() {
  std::string colors;
  for (int i = 0; i < 128; ++i) colors += {static_cast<char>(i), static_cast<char>(2 * i), static_cast<char>(255 - i)};
  const std::string bytes = gif_file(40, 24, gif_frame(noise(CV_8UC1) & 127), colors);
  const size_t frame = 13 + 3 * 128;
  return {".gif", bytes, 0, 13, frame + 12, bytes.size() - 2, frame + 11, {{6, 8}, {frame + 5, frame + 7}}, 2};
}

SoundFile sound_pnm() {
  const std::string bytes = encode_image(".ppm", smooth_noise());
  const size_t sides = bytes.find("40 24");
  return {".ppm",
          bytes,
          0,
          bytes.size() - 24 * 40 * 3,
          bytes.size() - 24 * 40 * 3,
          bytes.size(),
          sides + 6,
          {{sides, sides + 3}},
          2};
}

SoundFile sound_npy() {
  const std::string bytes = npy_file("|u1", "(24, 40, 3)", raw_bytes(smooth_noise()));
  const size_t sides = bytes.find("24, 40"), body = bytes.size() - 24 * 40 * 3;
  return {".npy", bytes, 0, body, body, bytes.size(), 8, {{sides, sides + 4}}, 2};
}

SoundFile sound_jpeg2000() {
  const std::string bytes = encode_image(".jp2", noise(CV_8UC3, 64, 80));
  const size_t size = bytes.find("\xFF\x51"), body = bytes.find("\xFF\x93");
  return {".jp2", bytes, size, body, body + 2, bytes.size() - 2, size + 2, {{size + 6, size + 10}}, 4};
}

std::vector<SoundFile> sound_files() {
  std::vector<SoundFile> files{sound_png(),  sound_jpeg(), sound_tiff(), sound_bmp(),
                               sound_webp(), sound_gif(),  sound_pnm(),  sound_npy()};
  if (cv::haveImageWriter("x.jp2")) files.push_back(sound_jpeg2000());
  return files;
}

/// Flips one bit of the part from `begin` to `end`; different ones for different `i`.
std::string flip_bit(const SoundFile& file, size_t begin, size_t end, int i) {
  const auto chosen = static_cast<size_t>(i);
  std::string bytes = file.bytes;
  const size_t at = begin + (end - begin) * (2 * chosen + 1) / (2 * kDamagesOfAKind);
  bytes[at] = static_cast<char>(bytes[at] ^ 1 << (5 * i) % 8);
  return bytes;
}

std::string cut_to(const SoundFile& file, size_t length) { return file.bytes.substr(0, length); }

std::string zero_block(const SoundFile& file, int i) {
  std::string bytes = file.bytes;
  const size_t body = file.body_end - file.body_begin, length = 4 + body / 20 * static_cast<size_t>(i % 3);
  const size_t begin = file.body_begin + (body - length) * static_cast<size_t>(i) / kDamagesOfAKind;
  return bytes.replace(begin, length, std::string(length, '\0'));
}

std::string swap_sides(const SoundFile& file, int i) {
  std::string bytes = file.bytes;
  for (const auto& [width, height] : file.swaps)
    for (size_t k = 0; k < file.side_bytes; ++k) std::swap(bytes[width + k], bytes[height + k]);
  if (i > 0) bytes += std::string(static_cast<size_t>(i), '\1');  // so that all differ
  return bytes;
}

std::string change_length(const SoundFile& file, int i) {
  std::string bytes = file.bytes;
  bytes[file.length_at] = static_cast<char>(bytes[file.length_at] + (i % 2 == 0 ? 1 + i : -1 - i));
  return bytes;
}

std::string text_in_place(int i) {
  static const std::array<std::string, kDamagesOfAKind> texts{"<html><body>Not found</body></html>",
                                                              "hello",
                                                              "{\"error\": 404}",
                                                              "version https://git-lfs.github.com/spec/v1\n",
                                                              "image,mask\na.png,b.png\n",
                                                              "\n",
                                                              "P",
                                                              "P6",
                                                              "P6 40",
                                                              "BM",
                                                              "II*",
                                                              "GIF89a"};
  return texts[static_cast<size_t>(i)];
}

struct DamageKind {
  const char* name;
  std::function<std::string(const SoundFile&, int)> damage;
  bool keeps_pixels = false;  ///< the file must still be read
  bool always_shows = false;  ///< it must be refused in every format
};

const std::vector<DamageKind>& damage_kinds() {
  static const std::vector<DamageKind> table{
      {"cut to its beginning",
       [](auto& f, int i) { return cut_to(f, 1 + f.bytes.size() * static_cast<size_t>(i) / 600); }, false, true},
      {"cut in the middle",
       [](auto& f, int i) { return cut_to(f, f.bytes.size() * (44 + static_cast<size_t>(i)) / 100); }, false, true},
      {"last bytes missing", [](auto& f, int i) { return cut_to(f, f.bytes.size() - 1 - static_cast<size_t>(i)); },
       false, true},
      {"bit of the header", [](auto& f, int i) { return flip_bit(f, f.header_begin, f.header_end, i); }},
      {"bit of the pixels", [](auto& f, int i) { return flip_bit(f, f.body_begin, f.body_end, i); }},
      {"block of zeros", zero_block},
      {"wrong extension", [](auto& f, int) { return f.bytes; }, true},
      {"empty or zeros", [](auto&, int i) { return std::string(static_cast<size_t>(i * i), '\0'); }, false, true},
      {"bytes behind the end",
       [](auto& f, int i) { return f.bytes + std::string(static_cast<size_t>(1 + i * i * i), static_cast<char>(i)); },
       true},
      {"width and height exchanged", swap_sides},
      {"checksum or length", change_length},
      {"text in place of the image", [](auto&, int i) { return text_in_place(i); }, false, true}};
  return table;
}

DamageOutcome outcome_of(const std::string& path, const cv::Mat& original, std::string& text) {
  try {
    const cv::Mat found = read_image(path).pixels;
    return is_same_image(found, original) ? DamageOutcome::same : DamageOutcome::other_pixels;
  } catch (const Error& error) {
    text = error.what();
    const bool is_named = text.rfind(path + ": ", 0) == 0;
    return error.kind() == ErrorKind::data && is_named ? DamageOutcome::refused : DamageOutcome::wrong;
  } catch (const std::exception& error) {
    text = error.what();
    return DamageOutcome::wrong;
  }
}

bool is_right(DamageOutcome outcome, const DamageKind& kind, const SoundFile& file) {
  if (kind.keeps_pixels) return outcome == DamageOutcome::same;
  if (kind.always_shows) return outcome == DamageOutcome::refused;
  return outcome == DamageOutcome::refused || outcome == DamageOutcome::same ||
         (outcome == DamageOutcome::other_pixels && !file.has_checksums);
}

TEST(DamagedImages, AreRefusedByNameOrGiveTheirPixels) {
  const TempFolder folder;
  std::map<std::string, std::array<int, 4>> counts;
  TrustRow row(9,
               "an image file damaged in 12 ways: refused by name, or the pixels that it had; other ones only where "
               "the format stores no checksum");
  int tried = 0;
  for (const SoundFile& file : sound_files()) {
    write_bytes(folder / ("sound" + file.extension), file.bytes);
    const cv::Mat original = read_image(folder / ("sound" + file.extension)).pixels;
    for (const DamageKind& kind : damage_kinds())
      for (int i = 0; i < kDamagesOfAKind; ++i) {
        static const std::array<std::string, 4> others{".png", ".jpg", ".tif", ""};
        const bool is_renamed = std::string(kind.name) == "wrong extension";
        const std::string path =
            folder / ("damaged" + (is_renamed ? others[static_cast<size_t>(i % 4)] : file.extension));
        write_bytes(path, kind.damage(file, i));
        std::string text;
        const DamageOutcome outcome = outcome_of(path, original, text);
        ++counts[file.extension + ", " + kind.name][static_cast<size_t>(outcome)];
        ++tried;
        row.add(concat(file.extension, ", ", kind.name, " ", i),
                is_right(outcome, kind, file) ? "" : concat(kOutcomeNames[static_cast<size_t>(outcome)], " ", text));
      }
  }
  EXPECT_GE(tried, 1000);
  for (const auto& [name, outcomes] : counts) {
    std::cout << name << ":";
    for (size_t i = 0; i < outcomes.size(); ++i)
      if (outcomes[i] != 0) std::cout << ' ' << kOutcomeNames[i] << ' ' << outcomes[i];
    std::cout << '\n';
  }
}

}  // namespace
}  // namespace unet
