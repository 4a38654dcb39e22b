#include "data/dataset/data_options.h"

#include "configs/schema/ignore_label.h"

namespace unet {

void DataOptions::fields(FieldVisitor& visit) {
  visit("dir", dir, "holds images/ and masks/ (same stems), or train/, val/, test/ with these inside");
  visit("images", images, "name of the folder of images");
  visit("masks", masks, "name of the folder of masks");
  visit("mask_suffix", mask_suffix, "what a mask's stem has after its image's stem, e.g. _mask");
  visit("missing_mask", missing_mask, "an image without a mask, or a mask without an image", one_of({"fail", "skip"}));
  visit("bad_file", bad_file, "a file that cannot be used", one_of({"fail", "skip"}));

  visit("split", split, "auto: by folder where train/ is there, by list where one is given, else by fraction",
        one_of({"auto", "fraction", "lists", "folders"}));
  visit("val_fraction", val_fraction, "share of the images for validation, by a hash of the name", in_range(0, 0.9));
  visit("test_fraction", test_fraction, "share of the images kept for testing", in_range(0, 0.9));
  visit("group_pattern", group_pattern,
        "regular expression; images with the same match (or first group) stay together, e.g. '^(patient\\d+)'");
  visit("val_stems", val_stems, "stems of the validation images, instead of a list file");
  visit("test_stems", test_stems, "stems of the test images, instead of a list file");
  visit("train_list", train_list, "text file in dir, a stem a line; default: all that the other lists leave");
  visit("val_list", val_list, "text file in dir, a stem a line");
  visit("test_list", test_list, "text file in dir, a stem a line");

  visit("labels", labels, "mask value: class; auto: indices, {0,255} or evenly spread codes are recognised");
  visit("ignore_values", ignore_values, "mask values that count neither in the loss nor in a score",
        in_range(0, 65535));
  visit("class_names", class_names, "one for each class");
  visit("class_colors", class_colors, "one for each class, e.g. \"#e6194b\"");

  Limits channel_count = in_range(1, 4);
  visit("channels", channels, "1 grey, 3 RGB, 4 RGB and alpha; auto: as in the files, without alpha", channel_count);
  visit("size_policy", size_policy,
        "mixed sizes: crop (random crops), resize (to size), pad (whole images padded to size)",
        one_of({"crop", "resize", "pad"}));
  Limits size_limits = in_range(1, 16384);
  size_limits.words = {"auto"};
  size_limits.items = 2;
  visit("size", size, "[height, width] in pixels of a training sample", size_limits);
  Limits statistics;
  statistics.words = {"auto"};
  visit("mean", mean, "per channel, of values scaled to [0,1]; auto: of the training images", statistics);
  visit("std", std, "per channel, of values scaled to [0,1]; auto: of the training images", statistics);

  visit("samples_per_image", samples_per_image, "how often an epoch draws from each image", in_range(1, 100000));
  visit("num_workers", num_workers, "loader threads; 0 loads in the training thread", in_range(0, 256));
  visit("prefetch", prefetch, "batches that may wait ready", in_range(1, 1024));
  visit("cache_mb", cache_mb, "decoded images kept in memory, MiB; 0: none", in_range(0, 1 << 24));
}

}  // namespace unet
