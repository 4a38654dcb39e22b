#pragma once

#include "app/planning/plan_input.h"

namespace unet {

/// The size at which a network sees training images.
struct Resolution {
  bool is_resized = false;  ///< whole images, resized; else crops at the resolution of the files
  int64_t height = 0, width = 0;
  std::string reason;
};

/// Chooses crops, or whole images seen smaller: by a forecast of the score that has three factors. Detail: the
/// agreement of the masks with themselves at that scale. Context: the part of what belongs together that the network
/// sees at once; the whole image where up and down are told apart by the labels, else four times the width of the
/// widest structures. Practice: how often each part of the data is seen in the time. Images of different aspect ratios
/// are never resized, nor those whose masks would keep an IoU below 0.95 with themselves (0.85 where the scene
/// matters).
Resolution choose_resolution(const PlanInput& input);

/// Side of square crops: the images' short side where it is small, else 192 or 256 pixels; smaller where too few steps
/// would fit into the time.
int64_t choose_crop(const PlanInput& input);

/// Number of samples that hold the different contents of the training images: one for each crop that an image has room
/// for, at most four.
double distinct_samples(const DataFacts& data, double sample_megapixels);

}  // namespace unet
