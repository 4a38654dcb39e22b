#include "data/dataset/read_pair.h"

#include "configs/schema/error.h"
#include "data/images/image_io.h"

namespace unet {

RawPair read_pair(const Pair& pair) {
  RawPair raw{read_image(pair.image), read_mask_values(pair.mask)};
  check_sizes(raw, pair);
  return raw;
}

void check_sizes(const RawPair& raw, const Pair& pair) {
  if (raw.image.size() != raw.values.size())
    fail(ErrorKind::data, "[read_pair] ", pair.mask, ": got a mask of ", raw.values.cols, "x", raw.values.rows,
         " pixels for an image of ", raw.image.cols, "x", raw.image.rows, " (", pair.image,
         "), expected equal sizes. Check that they belong together, or resize the mask by nearest neighbour");
}

}  // namespace unet
