#include "models/fused/class_map/class_map.h"

#include <torch/types.h>

#include <algorithm>

#include "configs/schema/error.h"
#include "models/kernels/memory.h"
#include "models/kernels/parallel.h"

namespace unet {
namespace {

using kernels::Bf16;

/// Maps a row of `width` pixels. The value of class c at pixel p is at row[p * pixel_stride + c * class_stride].
template <class T>
void map_row(const T* row, int64_t width, int64_t pixel_stride, int64_t classes, int64_t class_stride, uint8_t* out) {
  constexpr int64_t kBlock = 256;
  float best[kBlock];
  for (int64_t first = 0; first < width; first += kBlock) {
    const int64_t count = std::min(kBlock, width - first);
    const T* values = row + first * pixel_stride;
    uint8_t* mapped = out + first;
    for (int64_t i = 0; i < count; ++i) {
      best[i] = classes == 1 ? 0 : kernels::to_float(values[i * pixel_stride]);
      mapped[i] = 0;
    }
    for (int64_t c = classes == 1 ? 0 : 1; c < classes; ++c) {
      const T* class_values = values + c * class_stride;
      const auto label = static_cast<uint8_t>(classes == 1 ? 1 : c);
      for (int64_t i = 0; i < count; ++i) {
        const float x = kernels::to_float(class_values[i * pixel_stride]);
        mapped[i] = x > best[i] ? label : mapped[i];
        best[i] = x > best[i] ? x : best[i];
      }
    }
  }
}

template <class T>
void map_all(const torch::Tensor& logits, torch::Tensor& map) {
  const int64_t height = logits.size(2), width = logits.size(3);
  const T* const values = kernels::data<T>(logits);
  auto* const out = map.data_ptr<uint8_t>();
  kernels::parallel_for(0, logits.size(0) * height, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      map_row(values + row / height * logits.stride(0) + row % height * logits.stride(2), width, logits.stride(3),
              logits.size(1), logits.stride(1), out + row * width);
  });
}

}  // namespace

torch::Tensor class_map(const torch::Tensor& logits) {
  if (logits.size(1) > 256)
    fail(ErrorKind::internal, "class map: got ", logits.size(1), " classes, expected at most 256");
  if (!logits.device().is_cpu()) {
    const auto best = logits.size(1) == 1 ? logits.select(1, 0).gt(0) : logits.argmax(1);
    return best.to(torch::kByte).cpu().contiguous();
  }
  auto map = torch::empty({logits.size(0), logits.size(2), logits.size(3)}, torch::kByte);
  if (logits.scalar_type() == torch::kBFloat16)
    map_all<Bf16>(logits, map);
  else
    map_all<float>(logits.to(torch::kFloat), map);
  return map;
}

}  // namespace unet
