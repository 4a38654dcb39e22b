#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace unet {

/// Parts of a data set.
enum Part : size_t { kTrain, kVal, kTest, kPartCount };

inline constexpr std::array<const char*, kPartCount> kPartNames{"train", "val", "test"};

/// An image stored as one file.
struct ImageFile {
  explicit ImageFile(std::string file) : path(std::move(file)) {}
  std::string path;
};

/// Labels stored as one image file whose values stand for classes.
struct MaskFile {
  explicit MaskFile(std::string file) : path(std::move(file)) {}
  std::string path;
};

/// Where an image is stored. A new way of storing images is a type here, with its overloads in sample_ref.cpp (its
/// text) and read_sample.cpp (its reader); neither compiles without them.
using ImageSource = std::variant<ImageFile>;

/// Where the labels of an image are stored; extended as `ImageSource` is.
using LabelSource = std::variant<MaskFile>;

/// Returns where the image is, for messages and reports: a path, and whatever else the source needs.
std::string text_of(const ImageSource& source);
std::string text_of(const LabelSource& source);

/// One image with its labels, as a layout lists it. Nothing above the layouts knows how a data set names its files.
struct SampleRef {
  std::string name;  ///< unique within its part; the split uses its hash, or finds it in lists
  ImageSource image;
  LabelSource labels;
  std::string group{};         ///< samples of one group stay in one part; "": data.group_pattern, or the name, decides
  std::optional<Part> part{};  ///< given by the layout, else by the split

  /// Returns where the image is, for messages.
  std::string text() const { return text_of(image); }
};

}  // namespace unet
