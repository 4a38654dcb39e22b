#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "data/dataset/sample_ref.h"
#include "data/images/image_io.h"

namespace unet {

/// Reads an image. Throws Error(missing_input), Error(data), also if channels stored as files differ in size or
/// type.
Image read_image(const ImageSource& source);

/// Reads the label values of a sample as the data set stores them, not yet class indices. Outlines are drawn at the
/// size of the image. Throws Error(missing_input), Error(data).
Mask read_labels(const SampleRef& sample, cv::Size image);

/// How the image files of a sample are read: as a whole, or a rectangle of each.
class FileReading {
 public:
  virtual ~FileReading() = default;
  virtual Image image(const std::string& path, int page) = 0;
  virtual Mask mask(const std::string& path, int page, const MaskReading& reading) = 0;
};

/// Do the same with the given reading of files. Of labels that no image file stores, the rectangle `part` of an image
/// of the size `image` is returned.
Image read_image(const ImageSource& source, FileReading& files);
Mask read_labels(const SampleRef& sample, cv::Size image, const cv::Rect& part, FileReading& files);

/// How a mask relates to an image that is rotated by its EXIF orientation when the two files say different ones.
enum class MaskRotation {
  equal,    ///< both files have the same orientation, or there is none
  upright,  ///< the sizes show that the mask is already as the image is shown
  turned,   ///< the sizes show that the mask fits the stored image; it was turned like the image
  unclear,  ///< both would fit; the mask is taken to be as the image is shown
};

/// A sample as it is stored.
struct RawSample {
  Image image;
  Mask labels;  ///< label values, not yet class indices
  MaskRotation rotation = MaskRotation::equal;
};

/// Reads image and labels. Throws as the two readers do, and Error(data) if the sizes differ.
RawSample read_sample(const SampleRef& sample);

/// Turns labels that fit only the stored, unrotated image like the image, and records how the two relate.
void match_rotation(RawSample& raw);

/// Throws Error(data) if image and labels differ in size; the message names `sample`.
void check_sizes(const RawSample& raw, const SampleRef& sample);

}  // namespace unet
