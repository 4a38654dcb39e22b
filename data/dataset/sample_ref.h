#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "data/dataset/shapes.h"
#include "data/images/mask_reading.h"

namespace unet {

/// Parts of a data set.
enum Part : size_t { kTrain, kVal, kTest, kPartCount };

inline constexpr std::array<const char*, kPartCount> kPartNames{"train", "val", "test"};

/// An image stored as one file.
struct ImageFile {
  explicit ImageFile(std::string file) : path(std::move(file)) {}
  std::string path;
};

/// An image stored as one page of a file, counted from 0; reduced-resolution pages do not count.
struct ImagePage {
  std::string path;
  int page = 0;
};

/// An image whose channels are those of several pages of a file: a page between its neighbors.
struct ImagePages {
  std::string path;
  std::vector<int> pages;  ///< counted from 0, in the order of the channels; the image's own is in the middle
};

/// An image whose channels are files of equal size.
struct ImageChannels {
  std::vector<std::string> paths;  ///< in the order of the channels, at least one
};

/// Labels stored as one image file whose values stand for classes.
struct MaskFile {
  explicit MaskFile(std::string file) : path(std::move(file)) {}
  std::string path;
};

/// Labels stored as one page of a file, counted from 0.
struct MaskPage {
  std::string path;
  int page = 0;
};

/// Labels stored as several mask files, e.g. one for each object. Where a file is not 0, its label value replaces
/// those of the files before it.
struct MergedMasks {
  struct Layer {
    std::string path;
    std::optional<int64_t> value{};  ///< stands for every value but 0; empty: the stored values
  };
  std::vector<Layer> layers;
};

/// Labels stored as the object numbers of a NAME_seg.npy of Cellpose.
struct ArrayMask {
  explicit ArrayMask(std::string file) : path(std::move(file)) {}
  std::string path;
};

/// What an annotation file says of one image.
struct Annotation {
  std::string path;  ///< annotation file, for messages
  std::string item;  ///< what the file calls the image; "" if the file describes a single image
  std::vector<LabeledShape> shapes;
  cv::Size size{};             ///< of the image in the annotation tool, 0x0 if the file does not state it
  bool is_normalized = false;  ///< coordinates are fractions of the image's width and height
};

/// Labels stored as outlines in an annotation file, drawn at the size of the image. A pointer, because its size would
/// count in every sample of every data set.
struct ShapeLabels {
  explicit ShapeLabels(Annotation stored) : annotation(std::make_shared<const Annotation>(std::move(stored))) {}
  std::shared_ptr<const Annotation> annotation;
};

/// Where an image is stored. A new way of storing images is a type here, with its overloads in sample_ref.cpp (its
/// text) and read_sample.cpp (its reader); neither compiles without them.
using ImageSource = std::variant<ImageFile, ImagePage, ImagePages, ImageChannels>;

/// Where the labels of an image are stored; extended as `ImageSource` is.
using LabelSource = std::variant<MaskFile, MaskPage, MergedMasks, ArrayMask, ShapeLabels>;

/// Returns page `page` of a file of `pages` pages, between `neighbors` pages on each side as further channels; the
/// first and the last page stand in for those beyond the ends.
ImageSource page_source(const std::string& path, int page, int pages, int64_t neighbors);

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
  MaskReading reading{};       ///< from the options; set by `list_samples`

  /// Returns where the image is, for messages.
  std::string text() const { return text_of(image); }
};

}  // namespace unet
