#include "data/samples/joint.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/ignore_label.h"
#include "data/samples/copy_paste.h"
#include "data/samples/label_elastic.h"
#include "data/samples/many_channels.h"

namespace unet {
namespace {

void replace_part(Sample& sample, const Sample& other, const cv::Rect& part) {
  if (part.empty()) return;
  other.image(part).copyTo(sample.image(part));
  other.mask(part).copyTo(sample.mask(part));
}

void fill_rectangles(Sample& sample, int64_t count, const Range& size, bool ignore_labels, Rng& rng) {
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

}  // namespace

const Registry<JointAugmentation>& joint_augmentations() {
  // Holes after mixtures, which would cover them.
  static const Registry<JointAugmentation> table{
      "joint augmentation",
      {{"label_elastic", "elastic deformation of the mask alone, against inaccurate outlines",
        make_row<JointAugmentation, LabelElastic>},
       {"mosaic", "quadrants of four training samples around a random center", make_row<JointAugmentation, Mosaic>},
       {"cutmix", "replace a rectangle by that of another training sample", make_row<JointAugmentation, CutMix>},
       {"copy_paste", "paste objects of another training sample", make_row<JointAugmentation, CopyPaste>},
       {"mixup",
        "blend another training sample into the image; the mask stays, with less weight where the classes differ",
        make_row<JointAugmentation, Mixup>},
       {"cutout", "fill rectangles with the mean color of the image", make_row<JointAugmentation, Cutout>},
       {"coarse_dropout", "fill many small rectangles with the mean color of the image",
        make_row<JointAugmentation, CoarseDropout>}}};
  return table;
}

int64_t whole_number_in(const Range& range, Rng& rng) {
  const auto first = static_cast<int64_t>(std::ceil(range.low));
  const auto last = std::max(first, static_cast<int64_t>(std::floor(range.high)));
  return first + rng.below(last - first + 1);
}

void Mosaic::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("center", center,
        "where the quadrants meet, as fractions of the crop's height and width, uniform in this range", in_range(0, 1));
}

void Mosaic::apply(Sample& sample, const OtherSamples& others, Rng& rng) const {
  const cv::Size size = sample.image.size();
  const auto along = [&](int length) { return cvRound(rng.uniform(center.low, center.high) * length); };
  const int y = along(size.height);
  const int x = along(size.width);
  const cv::Rect quadrants[] = {
      {0, 0, x, y}, {x, 0, size.width - x, y}, {0, y, x, size.height - y}, {x, y, size.width - x, size.height - y}};
  const int64_t own = rng.below(4);
  for (int64_t i = 0; i < 4; ++i)
    if (i != own) replace_part(sample, others.draw(rng), quadrants[i]);
}

void CutMix::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("area", area, "area of the rectangle as a fraction of the crop's, uniform in this range", in_range(0, 1));
  visit("aspect", aspect, "width divided by height of the rectangle, log-uniform in this range", in_range(0.1, 10));
}

void CutMix::apply(Sample& sample, const OtherSamples& others, Rng& rng) const {
  const cv::Size size = sample.image.size();
  const double pixels = std::max(1.0, rng.uniform(area.low, area.high) * size.area());
  const double ratio = std::exp(rng.uniform(std::log(aspect.low), std::log(aspect.high)));
  // A side that is longer than the crop's is cut, and the other one lengthened to keep the area.
  const double width = std::clamp(std::sqrt(pixels * ratio), pixels / size.height, static_cast<double>(size.width));
  cv::Rect part;
  part.width = std::clamp(cvRound(width), 1, size.width);
  part.height = std::clamp(cvRound(pixels / width), 1, size.height);
  part.x = static_cast<int>(rng.below(size.width - part.width + 1));
  part.y = static_cast<int>(rng.below(size.height - part.height + 1));
  replace_part(sample, others.draw(rng), part);
}

void Mixup::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("lambda", lambda,
        "share of the image itself in the blend, uniform in this range, and weight in the loss of pixels that are of "
        "another class in the other sample",
        in_range(0.5, 1));
}

void Mixup::apply(Sample& sample, const OtherSamples& others, Rng& rng) const {
  const double share = rng.uniform(lambda.low, lambda.high);
  const Sample other = others.draw(rng);
  cv::addWeighted(sample.image, share, other.image, 1 - share, 0, sample.image);
  sample.weight = cv::Mat(sample.mask.size(), CV_32FC1, cv::Scalar(1));
  sample.weight.setTo(share, sample.mask != other.mask);
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
  fill_rectangles(sample, count, size, ignore_labels, rng);
}

void CoarseDropout::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("count", count, "number of rectangles, a whole number in this range, equally likely", in_range(1, 1024));
  visit("size", size, "height and width of a rectangle as fractions of the crop's, uniform in this range",
        in_range(0, 1));
  visit("ignore_labels", ignore_labels,
        "ignore the pixels in the rectangles; false: learn to infer their classes from the surroundings");
}

void CoarseDropout::apply(Sample& sample, const OtherSamples&, Rng& rng) const {
  fill_rectangles(sample, whole_number_in(count, rng), size, ignore_labels, rng);
}

}  // namespace unet
