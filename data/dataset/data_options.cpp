#include "data/dataset/data_options.h"

#include "data/dataset/layouts/layout.h"

namespace unet {

void DataOptions::fields(FieldVisitor& visit) {
  visit("dir", dir,
        "data set folder, e.g. with images/ and masks/ of equal stems, or train/, val/, test/ with these inside",
        kHostOnly);
  std::vector<std::string> formats = layout_names();
  formats.insert(formats.begin(), "auto");
  visit("format", format, "layout of the data set; auto: the first that the folder matches", one_of(formats));
  visit(
      "images", images,
      "folder of images in dir, . for dir itself; left as it is, other usual names are found (imgs, JPEGImages, ...)");
  visit("masks", masks,
        "folder of masks in dir; left as it is, other usual names are found (labels, annotations, gt, ...)");
  visit("image_prefix", image_prefix, "prefix of image file names that their masks lack, e.g. img_");
  visit("image_suffix", image_suffix,
        "suffix of image file names that their masks lack, with or without the extension, e.g. _0000 or .jpg");
  visit("mask_prefix", mask_prefix, "prefix of mask file names, e.g. gt_ for a.png and gt_a.png");
  visit("mask_suffix", mask_suffix,
        "suffix of mask file names, with or without the extension, e.g. _mask for a.png and a_mask.png");
  visit(
      "annotations", annotations,
      "annotation file (COCO, VIA, CVAT) in dir, e.g. annotations/instances.json; needed where several label the same "
      "images");
  visit("class_attribute", class_attribute, "region attribute of VIA that holds the class; default: the only one");
  visit("missing_mask", missing_mask,
        "an image without a mask, or a mask without an image: fail, or skip it with a note");
  visit("bad_file", bad_file, "a file that cannot be read or used: fail, or skip it with a note");

  visit("split", split, "auto: folders if dir has train/, lists if one is given, else fraction");
  visit("val_fraction", val_fraction, "fraction of the images for validation, chosen as split_by says",
        in_range(0, 0.9));
  visit("test_fraction", test_fraction, "fraction of the images for testing, chosen in the same way", in_range(0, 0.9));
  visit(
      "split_by", split_by,
      "how fractions are chosen. rank: the exact share, by rank of a hash of the name; threshold: about the share, by "
      "a hash of the name, so that new images move no others; both keep near duplicates together and rare classes in "
      "every part; name: a threshold that looks at names alone; auto: rank in small sets, threshold in large ones");
  visit("group_pattern", group_pattern,
        "regular expression; images with the same match (or first capture group) stay in one part, e.g. "
        "'^(patient\\d+)'");
  visit("val_stems", val_stems, "stems of the validation images, in place of val_list");
  visit("test_stems", test_stems, "stems of the test images, in place of test_list");
  visit("train_list", train_list,
        "text file in dir with a stem, file name or path on each line; default: all images that no other list names");
  visit("val_list", val_list, "text file in dir with a stem, file name or path on each line");
  visit("test_list", test_list, "text file in dir with a stem, file name or path on each line");

  visit("labels", labels,
        "map from mask values to classes, e.g. {0: 0, 255: 1}; keys are values, ranges (1-65535) or colors "
        "(\"#800000\"); auto: recognizes indices, {0, 255}, evenly spaced values, colors, object numbers, soft edges");
  visit("ignore_values", ignore_values,
        "mask values to ignore: excluded from losses and scores; values, ranges or colors as in labels");
  visit("threshold", threshold,
        "mask values from this one on are class 1, smaller ones class 0; in place of labels, for soft edges and "
        "probabilities; auto: none");
  visit("snap", snap,
        "a mask value without a class takes that of the nearest value within this distance (colors: in RGB); for "
        "lossy mask files",
        in_range(0, 65535));
  visit("palette", palette, "masks with a palette: read the indices, or the colors that they stand for");
  visit("mask_channel", mask_channel, "read label values from the color or gray channels, or from the alpha channel");
  visit("class_names", class_names, "names of the classes, one per class");
  visit("class_colors", class_colors, "colors of the classes, one per class, e.g. \"#e6194b\"");

  visit("channels", channels,
        "1: gray, 3: RGB, 4: RGBA or as stored, others as stored; auto: as in the files, without alpha",
        in_range(1, 64));
  visit("fourth_channel", fourth_channel,
        "of 4 channels, the last: alpha, opaque in images without it, or a band like the others; auto: alpha if "
        "tagged so in the training images");
  visit("neighbor_pages", neighbor_pages,
        "pages of a stack before and after each page that are further channels of its image; the first and the last "
        "page are repeated",
        in_range(0, 16));
  visit("size_policy", size_policy,
        "how images become training samples of data.size: random crops, resizing or padding");
  Limits size_limits = in_range(1, 16384);
  size_limits.words = {"auto"};
  size_limits.items = 2;
  visit("size", size, "[height, width] of a training sample, pixels", size_limits);
  visit("normalize", normalize,
        "subtract mean and divide by std of the training images, or of each image; percentile: clip to [min, max], "
        "then as dataset; imagenet: its mean and std; range: [min, max] to [0,1]; none");
  Limits statistics;
  statistics.words = {"auto"};
  visit("mean", mean, "mean of each channel, values scaled to [0,1]; auto: computed from the training images",
        statistics);
  visit("std", std,
        "standard deviation of each channel, values scaled to [0,1]; auto: computed from the training images",
        statistics);
  visit("min", min,
        "smallest value of each channel, values scaled to [0,1]; auto: of the training images, under normalize: "
        "percentile their 0.5 percentile",
        statistics);
  visit("max", max,
        "largest value of each channel, values scaled to [0,1]; auto: of the training images, under normalize: "
        "percentile their 99.5 percentile",
        statistics);

  visit("samples_per_image", samples_per_image, "samples drawn from each image per epoch", in_range(1, 100000));
  visit("num_workers", num_workers, "data loader threads; 0: load in the training thread", in_range(0, 256), kHostOnly);
  visit("prefetch", prefetch, "batches prefetched ahead of training", in_range(1, 1024), kHostOnly);
  visit("cache_mb", cache_mb, "memory for decoded images, MiB; 0: no cache", in_range(0, 1 << 24), kHostOnly);
  visit("cache_dir", cache_dir,
        "folder for decoded images, which later epochs and runs map into memory; can be deleted at any time; empty: no "
        "cache on disk",
        kHostOnly);

  visit("sampling", sampling,
        "how often images are drawn in an epoch: each samples_per_image times; class_balanced: images of rare classes "
        "more often; weighted: in proportion to the column weight of a manifest");
  visit("repeat_threshold", repeat_threshold,
        "class_balanced: an image is drawn in proportion to the largest sqrt(threshold / f) of its classes, at least "
        "1, where f is the fraction of the training images that have the class",
        in_range(0, 1));
  visit("forced_foreground", forced_foreground,
        "fraction of the crops that show a pixel of a class drawn from those in the image (forced_classes); 0: off",
        in_range(0, 1));
  visit("forced_classes", forced_classes, "classes for forced_foreground; []: all but 0", in_range(0, 254));
}

}  // namespace unet
