#pragma once

#include "configs/schema/options.h"
#include "data/images/mask_reading.h"

namespace unet {

/// How images become training samples of one size.
enum class SizePolicy { crop, resize, pad };
template <>
struct EnumNames<SizePolicy> {
  static constexpr EnumName<SizePolicy> table[] = {
      {"crop", SizePolicy::crop}, {"resize", SizePolicy::resize}, {"pad", SizePolicy::pad}};
};

/// How images are normalized.
enum class Normalize { dataset, per_image, percentile, imagenet, range, none };
template <>
struct EnumNames<Normalize> {
  static constexpr EnumName<Normalize> table[] = {
      {"dataset", Normalize::dataset},   {"per_image", Normalize::per_image}, {"percentile", Normalize::percentile},
      {"imagenet", Normalize::imagenet}, {"range", Normalize::range},         {"none", Normalize::none}};
};

/// What the last of 4 channels is: alpha, which images without it get as opaque, or a band that they would lack.
enum class FourthChannel { automatic, alpha, band };
template <>
struct EnumNames<FourthChannel> {
  static constexpr EnumName<FourthChannel> table[] = {
      {"auto", FourthChannel::automatic}, {"alpha", FourthChannel::alpha}, {"band", FourthChannel::band}};
};

/// How files that cannot be used are treated.
enum class BadFilePolicy { fail, skip };
template <>
struct EnumNames<BadFilePolicy> {
  static constexpr EnumName<BadFilePolicy> table[] = {{"fail", BadFilePolicy::fail}, {"skip", BadFilePolicy::skip}};
};

/// How a data set is divided into training, validation and test images.
enum class SplitMode { automatic, fraction, lists, folders };
template <>
struct EnumNames<SplitMode> {
  static constexpr EnumName<SplitMode> table[] = {{"auto", SplitMode::automatic},
                                                  {"fraction", SplitMode::fraction},
                                                  {"lists", SplitMode::lists},
                                                  {"folders", SplitMode::folders}};
};

/// How a split by fraction chooses the images, see `divide_by_fraction`.
enum class SplitBy { automatic, rank, threshold, name };
template <>
struct EnumNames<SplitBy> {
  static constexpr EnumName<SplitBy> table[] = {{"auto", SplitBy::automatic},
                                                {"rank", SplitBy::rank},
                                                {"threshold", SplitBy::threshold},
                                                {"name", SplitBy::name}};
};

/// How often each image is drawn in an epoch.
enum class Sampling { uniform, class_balanced, weighted };
template <>
struct EnumNames<Sampling> {
  static constexpr EnumName<Sampling> table[] = {
      {"uniform", Sampling::uniform}, {"class_balanced", Sampling::class_balanced}, {"weighted", Sampling::weighted}};
};

/// How images and masks are told by their names. A layout may find other names than the defaults, see `SampleList`.
struct FileNames {
  std::string images = "images";  ///< folders, below dir
  std::string masks = "masks";
  std::string image_prefix, image_suffix;
  std::string mask_prefix, mask_suffix;
};

/// The `data` section: the files, the meaning of the masks, and the preprocessing. `open_dataset` replaces every
/// `auto`, so that these options alone determine how a new image is preprocessed.
struct DataOptions : Options, FileNames {
  // Files.
  std::string format = "auto";  ///< name of a layout, or auto
  std::string dir;              ///< holds images/ and masks/, or train/, val/, test/ with these inside
  std::string annotations;      ///< annotation file in dir; empty: all that are found
  std::string class_attribute;  ///< of VIA regions; empty: the only one
  BadFilePolicy missing_mask = BadFilePolicy::fail;
  BadFilePolicy bad_file = BadFilePolicy::fail;
  // Split.
  SplitMode split = SplitMode::automatic;
  double val_fraction = 0.2;
  double test_fraction = 0.0;
  SplitBy split_by = SplitBy::automatic;
  std::string group_pattern;
  std::vector<std::string> val_stems;
  std::vector<std::string> test_stems;
  std::string train_list;
  std::string val_list;
  std::string test_list;
  // Masks.
  LabelClasses labels;  ///< empty: auto
  std::vector<LabelKey> ignore_values;
  std::optional<int64_t> threshold;  ///< resolved into `labels`
  double snap = 0;
  PaletteMode palette = PaletteMode::indices;
  MaskChannel mask_channel = MaskChannel::color;
  std::vector<std::string> class_names;
  std::vector<std::string> class_colors;
  // Preprocessing.
  std::optional<int64_t> channels;
  FourthChannel fourth_channel = FourthChannel::automatic;
  int64_t neighbor_pages = 0;
  SizePolicy size_policy = SizePolicy::crop;
  std::vector<int64_t> size;  ///< height and width, pixels; empty: auto
  Normalize normalize = Normalize::dataset;
  /// Per channel, of the training images, values scaled to [0,1]; empty: auto. They are kept whatever `normalize` is,
  /// because augmentation and warnings use them too.
  std::vector<double> mean, std, min, max;
  // Loading.
  int64_t samples_per_image = 1;
  int64_t num_workers = 2;
  int64_t prefetch = 4;
  int64_t cache_mb = 1024;
  std::string cache_dir;  ///< empty: no cache on disk
  // What an epoch draws.
  Sampling sampling = Sampling::uniform;
  double repeat_threshold = 1;
  double forced_foreground = 0;
  std::vector<int64_t> forced_classes;  ///< empty: all but 0

  void fields(FieldVisitor& visit) override;
};

}  // namespace unet
