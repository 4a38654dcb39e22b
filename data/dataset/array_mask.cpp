#include "data/dataset/array_mask.h"

#include <cstdint>
#include <limits>

#include "configs/schema/error.h"
#include "data/files/numpy_pickle.h"
#include "data/images/image_probe.h"

namespace unet {
namespace {

/// Value of the array at a position, which its bytes contain.
int64_t value_at(const StoredArray& array, size_t index) {
  const auto size = static_cast<size_t>(array.bytes_per_value);
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    const size_t byte = array.is_big_endian ? i : size - 1 - i;
    value = value << 8 | static_cast<unsigned char>(array.bytes[index * size + byte]);
  }
  if (array.kind == 'i' && size < 8 && (value >> (8 * size - 1) & 1) != 0) value |= ~uint64_t{0} << (8 * size);
  return static_cast<int64_t>(value);
}

}  // namespace

cv::Mat read_array_mask(const std::string& path) {
  const StoredArray array = read_pickled_array(path, "masks");
  if (array.shape.size() != 2)
    fail(ErrorKind::data, path, ": got masks of ", array.shape.size(),
         " dimensions, expected height and width. Save "
         "the planes as images of their own");
  const int64_t height = array.shape[0], width = array.shape[1];
  if (height < 1 || width < 1 || height > kMaxPixels / width)
    fail(ErrorKind::data, path, ": got masks of ", width, "x", height, " pixels, expected an image");
  cv::Mat values(static_cast<int>(height), static_cast<int>(width), CV_32SC1);
  for (int64_t y = 0; y < height; ++y) {
    auto* row = values.ptr<int32_t>(static_cast<int>(y));
    for (int64_t x = 0; x < width; ++x) {
      const int64_t index = array.is_column_major ? x * height + y : y * width + x;
      const int64_t value = value_at(array, static_cast<size_t>(index));
      if (value < 0 || value > std::numeric_limits<int32_t>::max())
        fail(ErrorKind::data, path, ": got the object number ", value, ", expected at least 0");
      row[x] = static_cast<int32_t>(value);
    }
  }
  return values;
}

}  // namespace unet
