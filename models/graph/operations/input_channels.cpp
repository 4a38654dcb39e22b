#include "models/graph/operations/input_channels.h"

#include "configs/schema/error.h"

namespace unet {

void InputChannels::expect(int64_t channels) const {
  if (channels_.at(0) != channels)
    fail(ErrorKind::internal, "[graph] ", node_, ": got ", channels_[0], " channels, expected ", channels);
}

}  // namespace unet
