#include "data/samples/copy_paste.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "data/samples/joint.h"

namespace unet {
namespace {

struct PastedObject {
  cv::Mat numbers;  ///< CV_32S, the number of the component of each pixel of the crop
  int number = 0;
  cv::Rect box;
};

/// The objects of a mask that may be pasted.
class PastableObjects {
 public:
  /// `area` as fractions of the mask's. `join_classes`: touching classes other than 0 are one object.
  PastableObjects(const cv::Mat& mask, const Range& area, bool join_classes)
      : mask_(mask),
        low_(area.low * static_cast<double>(mask.total())),
        high_(area.high * static_cast<double>(mask.total())),
        join_classes_(join_classes) {
    std::array<int64_t, 256> pixels{};
    for (int y = 0; y < mask.rows; ++y)
      for (const uchar* label = mask.ptr(y); label != mask.ptr(y) + mask.cols; ++label) ++pixels[*label];
    for (int label = 1; label < kIgnoreLabel; ++label)
      if (pixels[static_cast<size_t>(label)] > 0) classes_.push_back({label, {}, {}});
  }

  /// Draws a class that has objects left, then one of its objects, which is not drawn again; nullopt if none is left.
  std::optional<PastedObject> draw(Rng& rng) {
    while (!classes_.empty()) {
      const auto chosen = classes_.begin() + rng.below(static_cast<int64_t>(classes_.size()));
      if (chosen->numbers.empty()) find_objects(*chosen);
      if (chosen->objects.empty()) {
        classes_.erase(chosen);
        continue;
      }
      std::swap(chosen->objects[static_cast<size_t>(rng.below(static_cast<int64_t>(chosen->objects.size())))],
                chosen->objects.back());
      const PastedObject object = std::move(chosen->objects.back());
      chosen->objects.pop_back();
      // An object of several classes may have been drawn for another of them.
      if (!join_classes_ || drawn_.insert(object.number).second) return object;
    }
    return std::nullopt;
  }

 private:
  struct Class {
    int label;
    cv::Mat numbers;
    std::vector<PastedObject> objects;
  };

  void find_objects(Class& found) const {
    const cv::Mat own = mask_ == found.label;
    const cv::Mat searched = join_classes_ ? cv::Mat((mask_ != 0) & (mask_ != static_cast<double>(kIgnoreLabel))) : own;
    cv::Mat facts, centers;
    const int count = cv::connectedComponentsWithStats(searched, found.numbers, facts, centers, 8, CV_32S);
    std::vector<bool> has_class(static_cast<size_t>(count), !join_classes_);
    if (join_classes_)
      for (int y = 0; y < own.rows; ++y)
        for (int x = 0; x < own.cols; ++x)
          if (own.at<uchar>(y, x) != 0) has_class[static_cast<size_t>(found.numbers.at<int>(y, x))] = true;
    for (int i = 1; i < count; ++i) {
      const int* fact = facts.ptr<int>(i);
      if (!has_class[static_cast<size_t>(i)] || fact[cv::CC_STAT_AREA] < low_ || fact[cv::CC_STAT_AREA] > high_)
        continue;
      const cv::Rect box(fact[cv::CC_STAT_LEFT], fact[cv::CC_STAT_TOP], fact[cv::CC_STAT_WIDTH],
                         fact[cv::CC_STAT_HEIGHT]);
      found.objects.push_back({found.numbers, i, box});
    }
  }

  cv::Mat mask_;
  double low_, high_;  // pixels
  bool join_classes_;
  std::vector<Class> classes_;
  std::set<int> drawn_;  // numbers of objects; used only for joined classes, which have the same numbers for each class
};

/// Draws where an object begins along one side of the crop.
int draw_begin(int begin, int length, int side, Rng& rng) {
  const bool is_cut = begin == 0 || begin + length == side;
  return is_cut ? begin : static_cast<int>(rng.below(side - length + 1));
}

/// Returns the share of the other image at each pixel: 1 in the object (255 in `shape`), falling to 0 around it. The
/// blurred shape is 1/2 at a straight edge: doubled where `same_class` is 255, so that nothing of the edge shows, and
/// as it is elsewhere, so that the larger part of a pixel is what its label says.
cv::Mat object_alpha(const cv::Mat& shape, const cv::Mat& same_class, double sigma, int reach) {
  cv::Mat alpha;
  shape.convertTo(alpha, CV_32F, 1.0 / 255);
  const int window = 2 * reach + 1;
  if (reach > 0) cv::GaussianBlur(alpha, alpha, {window, window}, sigma, sigma, cv::BORDER_CONSTANT);
  cv::add(alpha, alpha, alpha, same_class);
  alpha.setTo(1, shape);
  return cv::min(alpha, 1.0);
}

void blend_pixels(cv::Mat into, const cv::Mat& from, const cv::Mat& alpha) {
  const int channels = into.channels();
  for (int y = 0; y < into.rows; ++y) {
    const auto* share = alpha.ptr<float>(y);
    const auto* source = from.ptr<float>(y);
    auto* result = into.ptr<float>(y);
    for (int x = 0; x < into.cols; ++x, source += channels, result += channels) {
      if (share[x] == 0) continue;
      for (int c = 0; c < channels; ++c) result[c] = share[x] * source[c] + (1 - share[x]) * result[c];
    }
  }
}

void paste_object(Sample& sample, const Sample& other, const PastedObject& object, double sigma, Rng& rng) {
  const cv::Rect crop({}, sample.image.size()), box = object.box;
  const int x = draw_begin(box.x, box.width, crop.width, rng);
  const int y = draw_begin(box.y, box.height, crop.height, rng);
  const cv::Point shift(x - box.x, y - box.y);
  const int reach = static_cast<int>(std::ceil(3 * sigma));
  // The box with its blended surroundings, as far as they are in both crops.
  const cv::Rect wide(box.x - reach, box.y - reach, box.width + 2 * reach, box.height + 2 * reach);
  const cv::Rect from = wide & crop & (crop - shift), into = from + shift;
  const cv::Mat shape = object.numbers(from) == object.number;
  const cv::Mat same_class = other.mask(from) == sample.mask(into);
  blend_pixels(sample.image(into), other.image(from), object_alpha(shape, same_class, sigma, reach));
  other.mask(from).copyTo(sample.mask(into), shape);
}

}  // namespace

void CopyPaste::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("count", count, "number of objects, a whole number in this range, equally likely; each is pasted once",
        in_range(1, 64));
  visit("area", area, "smallest and largest object as fractions of the crop's area", in_range(0, 1));
  visit("join_classes", join_classes,
        "paste touching classes together, e.g. a cell with its nucleus; false: an object is of one class");
  visit(
      "sigma", sigma,
      "standard deviation in pixels of the Gaussian that blends the surroundings of an object, uniform in this range; "
      "0: no blending",
      in_range(0, 16));
}

void CopyPaste::apply(Sample& sample, const OtherSamples& others, Rng& rng) const {
  const Sample other = others.draw(rng);
  PastableObjects objects(other.mask, area, join_classes);
  for (int64_t left = whole_number_in(count, rng); left > 0; --left) {
    const std::optional<PastedObject> object = objects.draw(rng);
    if (!object) return;
    paste_object(sample, other, *object, rng.uniform(sigma.low, sigma.high), rng);
  }
}

}  // namespace unet
