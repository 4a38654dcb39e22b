#include "data/dataset/read_sample.h"

#include <map>

#include "configs/schema/error.h"
#include "data/dataset/array_mask.h"

namespace unet {
namespace {

/// Reads files as a whole.
class WholeFiles : public FileReading {
 public:
  Image image(const std::string& path, int page) override { return read_image(path, page); }
  Mask mask(const std::string& path, int page, const MaskReading& reading) override {
    return read_mask(path, reading, page);
  }
};

Image read_stored(const ImageFile& file, FileReading& files) { return files.image(file.path, kOnlyPage); }

Image read_stored(const ImagePage& file, FileReading& files) { return files.image(file.path, file.page); }

/// Adds the pixels without a value of one channel or page to those of the image.
void add_invalid(const Image& part, Image& image) {
  if (part.invalid.empty()) return;
  image.invalid = image.invalid.empty() ? part.invalid : cv::Mat(image.invalid | part.invalid);
}

/// The page without its alpha channel, which would stand among the channels of the others.
cv::Mat without_alpha(const Image& page) {
  if (!page.has_alpha) return page.pixels;
  std::vector<cv::Mat> channels;
  cv::split(page.pixels, channels);
  channels.pop_back();
  cv::Mat colors;
  cv::merge(channels, colors);
  return colors;
}

Image read_stored(const ImagePages& file, FileReading& files) {
  Image stack;
  std::map<int, cv::Mat> read;
  std::vector<cv::Mat> pages;
  int channels = 0;
  for (const int number : file.pages) {
    if (read.count(number) == 0) {
      const Image page = files.image(file.path, number);
      read[number] = without_alpha(page);
      add_invalid(page, stack);
      stack.orientation = page.orientation;
      stack.converted = page.converted;
    }
    const cv::Mat& page = read[number];
    if (!pages.empty() && (page.size() != pages[0].size() || page.type() != pages[0].type()))
      fail(ErrorKind::data, file.path, ": page ", number + 1, " has ", page.cols, "x", page.rows, " pixels of type ",
           page.type(), ", its neighbor ", pages[0].cols, "x", pages[0].rows, " of type ", pages[0].type(),
           ". Neighboring pages are channels of one image: save them alike, or set data.neighbor_pages: 0");
    channels += page.channels();
    pages.push_back(page);
  }
  if (channels > kMaxChannels)
    fail(ErrorKind::data, file.path, ": ", pages.size(), " neighboring pages have ", channels,
         " channels, expected at ", "most ", kMaxChannels, ". Set a smaller data.neighbor_pages");
  cv::merge(pages, stack.pixels);
  return stack;
}

Image read_stored(const ImageChannels& channel_files, FileReading& files) {
  std::vector<cv::Mat> channels;
  Image merged;
  for (const std::string& path : channel_files.paths) {
    const Image image = files.image(path, kOnlyPage);
    if (image.pixels.channels() != 1)
      fail(ErrorKind::data, path, ": got ", image.pixels.channels(), " channels, expected 1 because each channel of ",
           "this image is a file");
    if (!channels.empty() && (image.pixels.size() != channels[0].size() || image.pixels.type() != channels[0].type()))
      fail(ErrorKind::data, path, ": got ", image.pixels.cols, "x", image.pixels.rows, " pixels of type ",
           image.pixels.type(), ", expected ", channels[0].cols, "x", channels[0].rows, " of type ", channels[0].type(),
           " as in ", channel_files.paths[0]);
    channels.push_back(image.pixels);
    add_invalid(image, merged);
  }
  cv::merge(channels, merged.pixels);
  return merged;
}

/// How labels are read.
struct LabelReading {
  const MaskReading& values;
  cv::Size image;  ///< whole
  cv::Rect part;   ///< that is read
  FileReading& files;
};

Mask read_stored(const MaskFile& file, const LabelReading& how) {
  return how.files.mask(file.path, kOnlyPage, how.values);
}

Mask read_stored(const MaskPage& file, const LabelReading& how) {
  return how.files.mask(file.path, file.page, how.values);
}

/// Writes the layer's label values into `values` (CV_32SC1) where they are not 0.
void merge_layer(const MergedMasks::Layer& layer, const Mask& mask, cv::Mat& values) {
  if (mask.values.size() != values.size())
    fail(ErrorKind::data, layer.path, ": got a mask of ", mask.values.cols, "x", mask.values.rows, " pixels, expected ",
         values.cols, "x", values.rows, " as in the other masks of its image");
  if (mask.values.channels() != 1)
    fail(ErrorKind::data, layer.path, ": got colors in one of several masks of an image, expected gray values");
  cv::Mat numbers;
  mask.values.convertTo(numbers, CV_32S);
  const cv::Mat is_set = numbers != 0;
  if (layer.value)
    values.setTo(static_cast<double>(*layer.value), is_set);
  else
    numbers.copyTo(values, is_set);
}

Mask read_stored(const MergedMasks& masks, const LabelReading& how) {
  Mask merged;
  merged.values = cv::Mat(how.part.size(), CV_32SC1, cv::Scalar(0));
  for (const MergedMasks::Layer& layer : masks.layers) {
    const Mask mask = how.files.mask(layer.path, kOnlyPage, how.values);
    merge_layer(layer, mask, merged.values);
    merged.is_lossy = merged.is_lossy || mask.is_lossy;
  }
  return merged;
}

Mask read_stored(const ArrayMask& file, const LabelReading&) { return {read_array_mask(file.path)}; }

Mask read_stored(const ShapeLabels& labels, const LabelReading& how) {
  const cv::Size size = how.image;
  const std::string place = text_of(LabelSource(labels));
  const Annotation& stored = *labels.annotation;
  if (!stored.size.empty() && stored.size != size)
    fail(ErrorKind::data, place, ": got annotations of an image of ", stored.size.width, "x", stored.size.height,
         " pixels, but the image has ", size.width, "x", size.height,
         stored.size == cv::Size(size.height, size.width)
             ? ". If the annotation tool did not apply its EXIF rotation, rotate the image file itself"
             : ". Use the images that were annotated, or resize them back");
  try {
    Mask mask;
    mask.values =
        draw_shapes(stored.is_normalized ? scaled_shapes(stored.shapes, size) : stored.shapes, size, how.part);
    mask.orientation = kNoOrientation;
    return mask;
  } catch (const Error& error) {
    fail(error.kind(), place, ": ", error.what());
  }
}

}  // namespace

Image read_image(const ImageSource& source) {
  WholeFiles files;
  return read_image(source, files);
}

Image read_image(const ImageSource& source, FileReading& files) {
  return std::visit([&](const auto& stored) { return read_stored(stored, files); }, source);
}

Mask read_labels(const SampleRef& sample, cv::Size image) {
  WholeFiles files;
  return read_labels(sample, image, {{}, image}, files);
}

Mask read_labels(const SampleRef& sample, cv::Size image, const cv::Rect& part, FileReading& files) {
  const LabelReading how{sample.reading, image, part, files};
  return std::visit([&](const auto& stored) { return read_stored(stored, how); }, sample.labels);
}

RawSample read_sample(const SampleRef& sample) {
  RawSample raw;
  raw.image = read_image(sample.image);
  raw.labels = read_labels(sample, raw.image.pixels.size());
  match_rotation(raw);
  check_sizes(raw, sample);
  return raw;
}

void match_rotation(RawSample& raw) {
  Mask& mask = raw.labels;
  if (raw.image.orientation == mask.orientation || mask.orientation == kNoOrientation || mask.values.empty() ||
      raw.image.pixels.empty())
    return;
  const cv::Size image = raw.image.pixels.size();
  const cv::Mat stored = apply_orientation(mask.values, opposite_orientation(mask.orientation));
  const cv::Mat turned = apply_orientation(stored, raw.image.orientation);
  const bool fits = mask.values.size() == image, turned_fits = turned.size() == image;
  if (fits) raw.rotation = turned_fits ? MaskRotation::unclear : MaskRotation::upright;
  if (fits || !turned_fits) return;
  raw.rotation = MaskRotation::turned;
  mask.values = turned;
}

void check_sizes(const RawSample& raw, const SampleRef& sample) {
  const cv::Size image = raw.image.pixels.size(), mask = raw.labels.values.size();
  if (image == mask) return;
  const bool is_exchanged = image == cv::Size(mask.height, mask.width);
  fail(ErrorKind::data, text_of(sample.labels), ": got a mask of ", mask.width, "x", mask.height,
       " pixels for an image of ", image.width, "x", image.height, " (", sample.text(), "), expected equal sizes. ",
       is_exchanged ? "Width and height are exchanged: one of the two is rotated by a quarter turn; rotate it back, or "
                      "remove the EXIF orientation from the file that should not have it"
                    : "Check that they belong together, or resize the mask with nearest-neighbor interpolation");
}

}  // namespace unet
