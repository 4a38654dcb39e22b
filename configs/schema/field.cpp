#include "configs/schema/field.h"

#include <cmath>

#include "configs/schema/text.h"

namespace unet {

std::string limits_text(const Limits& limits) {
  const bool has_low = std::isfinite(limits.low);
  const bool has_high = std::isfinite(limits.high);
  if (has_low && has_high)
    return (limits.above_low ? "above " : "from ") + number_text(limits.low) + " to " + number_text(limits.high);
  if (has_low) return (limits.above_low ? "above " : "at least ") + number_text(limits.low);
  if (has_high) return "at most " + number_text(limits.high);
  return "";
}

}  // namespace unet
