#include "data/samples/photometric.h"

#include <opencv2/core.hpp>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/samples/clahe.h"
#include "data/samples/color.h"
#include "data/samples/jpeg_artifacts.h"
#include "data/samples/many_channels.h"
#include "data/samples/noise.h"
#include "data/samples/shadow.h"
#include "data/samples/sharpness.h"
#include "data/samples/unit_range.h"

namespace unet {
namespace {

/// A row that is on but cannot change images of a data set, and why.
struct IdleRow {
  std::string name, reason;
  double probability;
};

std::vector<IdleRow> idle_rows(const AugmentOptions& options, const DataOptions& data) {
  std::vector<IdleRow> idle;
  const int64_t channels = data.channels.value_or(0);
  if (channels == 0) return idle;
  for (const auto& [name, row] : options.photometric) {
    const Limits needed = row->channels();
    const auto count = static_cast<double>(channels);
    if (row->probability == 0 || (count >= needed.low && count <= needed.high)) continue;
    idle.push_back(
        {name,
         concat("images have ", channels, channels == 1 ? " channel" : " channels", ", expected ", limits_text(needed)),
         row->probability});
  }
  return idle;
}

}  // namespace

/// The order is that of an image's way to the network: light, lens, sensor, processing, file, reading.
const Registry<PhotometricAugmentation>& photometric_augmentations() {
  static const Registry<PhotometricAugmentation> table{
      "photometric augmentation",
      {{"shadow", "darken a half-plane or polygon with a soft edge", make_row<PhotometricAugmentation, Shadow>},
       {"brightness", "add a constant to all pixel values", make_row<PhotometricAugmentation, Brightness>},
       {"contrast", "scale the deviations from the mean of the image", make_row<PhotometricAugmentation, Contrast>},
       {"gamma", "raise pixel values to a power", make_row<PhotometricAugmentation, Gamma>},
       {"hue", "rotate the colors about the gray axis", make_row<PhotometricAugmentation, Hue>},
       {"saturation", "scale the differences of colors from gray", make_row<PhotometricAugmentation, Saturation>},
       {"blur", "Gaussian blur", make_row<PhotometricAugmentation, Blur>},
       {"speckle_noise", "multiplicative Gaussian noise, as in ultrasound and radar images",
        make_row<PhotometricAugmentation, SpeckleNoise>},
       {"poisson_noise", "photon noise: its variance is proportional to the pixel value",
        make_row<PhotometricAugmentation, PoissonNoise>},
       {"noise", "Gaussian noise, independent per pixel and channel", make_row<PhotometricAugmentation, Noise>},
       {"clahe", "contrast limited adaptive histogram equalization", make_row<PhotometricAugmentation, Clahe>},
       {"sharpen", "sharpening by an unsharp mask", make_row<PhotometricAugmentation, Sharpen>},
       {"low_resolution", "shrink the image and enlarge it again", make_row<PhotometricAugmentation, LowResolution>},
       {"jpeg", "artifacts of JPEG compression of the values between the smallest and the largest of the image",
        make_row<PhotometricAugmentation, JpegArtifacts>},
       {"channel_shuffle", "put the channels into a random order; needs at least 2",
        make_row<PhotometricAugmentation, ChannelShuffle>},
       {"channel_drop", "fill channels with their mean; needs at least 2",
        make_row<PhotometricAugmentation, ChannelDrop>}}};
  return table;
}

void check_channels(const AugmentOptions& options, const DataOptions& data, const Locations& locations,
                    const std::string& section) {
  for (const IdleRow& row : idle_rows(options, data)) {
    const std::string path = concat(section, ".", row.name, ".probability");
    if (locations.has(path))
      fail(ErrorKind::config, locations.text(path), ": got ", row.probability, ", but ", row.reason,
           ". To leave it out: --set ", path, "=0");
  }
}

std::optional<std::string> channel_warning(const AugmentOptions& options, const DataOptions& data) {
  std::vector<std::string> texts;
  for (const IdleRow& row : idle_rows(options, data))
    texts.push_back(concat("augment.", row.name, " has no effect: ", row.reason));
  if (texts.empty()) return std::nullopt;
  return join(texts, "; ");
}

void Brightness::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("shift", shift, "constant added to all values, in augment.intensity_unit, uniform in this range",
        in_range(-10, 10));
}

void Brightness::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double chosen = rng.uniform(shift.low, shift.high);
  if (scale.is_plain()) return image.convertTo(image, -1, 1, chosen);
  std::vector<double> added = scale.unit;
  for (double& number : added) number *= chosen;
  add_to_channels(image, added);
}

void Contrast::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("factor", factor, "contrast factor, uniform in this range", in_range(0, 10));
}

void Contrast::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double chosen = rng.uniform(factor.low, factor.high);
  std::vector<double> offsets = channel_means(image);
  for (double& offset : offsets) offset *= 1 - chosen;
  image.convertTo(image, -1, chosen);
  add_to_channels(image, offsets);
}

void Gamma::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("gamma", gamma, "exponent, uniform in this range; above 1 darkens", in_range(0.1, 10));
}

void Gamma::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double exponent = rng.uniform(gamma.low, gamma.high);
  to_unit_range(image, scale);
  cv::Mat values = image.reshape(1);
  cv::max(values, 0.0, values);
  cv::pow(values, exponent, values);
  from_unit_range(image, scale);
}

}  // namespace unet
