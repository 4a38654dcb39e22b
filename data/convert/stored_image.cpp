#include "data/convert/stored_image.h"

#include <filesystem>

#include "configs/schema/error.h"
#include "data/images/png_writer.h"
#include "data/images/tiff_writer.h"

namespace unet {
namespace {

/// Why an image is encoded again; "" if it can be copied.
std::string reason_to_write(const ImageFile& file, const Image& image, const std::string& bytes) {
  if (image.orientation != 1) return "rotated as EXIF says, because masks have no EXIF rotation";
  if (!has_image_extension(file.path)) return "without the extension of an image";
  return probe_image(bytes, file.path).format == ImageFormat::npy ? "NumPy arrays" : "";
}

std::string reason_to_write(const ImagePage&, const Image&, const std::string&) { return "pages of stacks"; }

std::string reason_to_write(const ImagePages&, const Image&, const std::string&) {
  return "pages of stacks with their neighbors as channels";
}

std::string reason_to_write(const ImageChannels&, const Image&, const std::string&) {
  return "channels in separate files";
}

}  // namespace

bool fits_png(const Image& image) {
  const int channels = image.pixels.channels();
  return image.pixels.depth() != CV_32F && image.invalid.empty() &&
         (channels == 1 || channels == 3 || (channels == 4 && image.has_alpha));
}

StoredImage store_image(const ImageSource& source, const Image& image) {
  StoredImage stored;
  const auto* file = std::get_if<ImageFile>(&source);
  if (file != nullptr) stored.bytes = read_file(file->path);
  stored.reason = std::visit([&](const auto& each) { return reason_to_write(each, image, stored.bytes); }, source);
  if (stored.reason.empty()) {
    stored.extension = std::filesystem::path(file->path).extension().string();
    return stored;
  }
  stored.extension = fits_png(image) ? ".png" : ".tif";
  try {
    stored.bytes = fits_png(image) ? encode_png(image.pixels) : encode_tiff(image);
  } catch (const Error& error) {
    fail(error.kind(), text_of(source), ": ", error.what());
  }
  return stored;
}

}  // namespace unet
