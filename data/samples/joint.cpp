#include "data/samples/joint.h"

#include <algorithm>

#include "configs/schema/ignore_label.h"
#include "data/samples/label_elastic.h"
#include "data/samples/many_channels.h"

namespace unet {

const Registry<JointAugmentation>& joint_augmentations() {
  static const Registry<JointAugmentation> table{
      "joint augmentation",
      {{"label_elastic", "elastic deformation of the mask alone, against inaccurate outlines",
        make_row<JointAugmentation, LabelElastic>},
       {"cutout", "fill rectangles with the mean color of the image", make_row<JointAugmentation, Cutout>}}};
  return table;
}

void Cutout::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("count", count, "number of rectangles", in_range(1, 64));
  visit("size", size, "height and width of a rectangle as fractions of the crop's, uniform in this range",
        in_range(0, 1));
  visit("ignore_labels", ignore_labels,
        "ignore the pixels in the rectangles; false: learn to infer their classes from the surroundings");
}

void Cutout::apply(Sample& sample, const OtherSamples&, Rng& rng) const {
  const std::vector<double> fill = channel_means(sample.image);
  const cv::Size image = sample.image.size();
  const auto side = [&](int length) { return std::max(1, cvRound(rng.uniform(size.low, size.high) * length)); };
  for (int64_t i = 0; i < count; ++i) {
    cv::Rect hole;
    hole.height = side(image.height);
    hole.width = side(image.width);
    hole.y = static_cast<int>(rng.below(image.height)) - hole.height / 2;
    hole.x = static_cast<int>(rng.below(image.width)) - hole.width / 2;
    hole &= cv::Rect({}, image);
    cv::Mat filled = sample.image(hole);
    fill_channels(filled, fill);
    if (ignore_labels) sample.mask(hole).setTo(cv::Scalar(kIgnoreLabel));
  }
}

}  // namespace unet
