#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/planning/orientation.h"
#include "data/check/normalization_advice.h"

namespace unet {

/// What a plan knows of a class. Lengths and areas are in pixels of the files.
struct ClassFacts {
  std::string name;
  double share = 0;        ///< of the labeled training pixels
  int64_t objects = 0;     ///< connected components in the images looked at
  double area = 0;         ///< median of these
  double width = 0;        ///< half of the area is in parts of at most this width; 0 if the class was not seen
  double large_width = 0;  ///< the same of nine tenths of the area
};

/// What a plan knows of a data set.
struct DataFacts {
  int64_t train_images = 0, val_images = 0;
  int64_t looked_at = 0;          ///< images in which objects, widths and halves were measured
  int64_t height = 0, width = 0;  ///< of the training image of median area
  int64_t short_side = 0;         ///< median of the shorter sides of the training images
  double aspect_spread = 1;       ///< largest ratio of height to width of a training image over the smallest
  double train_megapixels = 0;    ///< of one training image, mean
  double val_megapixels = 0;      ///< of all validation images
  int64_t largest_height = 0, largest_width = 0;  ///< of the largest image by area
  int64_t channels = 0;
  int64_t bits = 8;
  std::vector<ClassFacts> classes;
  /// Mean IoU, over the classes seen, of the masks with themselves shrunk and enlarged again, by scale.
  std::array<double, kScales.size()> mask_iou{1, 1, 1, 1, 1, 1, 1};
  Orientation orientation;
  NormalizationAdvice normalization;

  /// The class with the smallest share above 0; null without one.
  const ClassFacts* rarest() const;
  /// The class with the largest `large_width`, without class 0 if there are others; null without a class that was seen.
  const ClassFacts* widest() const;
  /// The class with the smallest `width`; null without a class that was seen.
  const ClassFacts* thinnest() const;
};

/// Joins the sums of several samples into facts by class, with shares of 0 and names "0", "1", ...
std::vector<ClassFacts> class_facts(const std::vector<SampleLook>& looks);

/// See DataFacts::mask_iou.
std::array<double, kScales.size()> mask_iou(const std::vector<SampleLook>& looks);

/// Gathers the facts of an accepted data set. `class_share`: see TrainingData. Throws Error(interrupted), Error(data).
DataFacts gather_data_facts(const Dataset& dataset, const std::vector<double>& class_share,
                            const std::function<bool()>& stop);

}  // namespace unet
