#include "models/fused/transposed_convolution/interleave.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cstring>

#include "models/kernels/parallel.h"

namespace unet {
namespace {

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

/// Offsets into the phases, counted in values.
struct PhaseOffsets {
  PerAxis stride, padding;
  int64_t rows, columns, channels;

  PhaseOffsets(const op::ConvTranspose2d& o, const torch::Tensor& phases)
      : stride(o.stride), padding(o.padding), rows(phases.size(2)), columns(phases.size(3)), channels(o.out_channels) {}

  /// Calls `work(x, offset of the first value)` for each pixel of a row.
  template <class Work>
  void for_each_pixel(int64_t image, int64_t y, int64_t width, const Work& work) const {
    y += padding[0];
    const int64_t row = (image * rows + y / stride[0]) * columns, phase = y % stride[0] * stride[1];
    int64_t column = padding[1] / stride[1], within = padding[1] % stride[1];
    for (int64_t x = 0; x < width; ++x) {
      work(x, ((row + column) * stride[0] * stride[1] + phase + within) * channels);
      if (++within < stride[1]) continue;
      within = 0;
      ++column;
    }
  }
};

/// Calls `work(image, y)` for each row of a map (N,C,H,W), in threads.
template <class Work>
void for_each_row(const torch::Tensor& map, const Work& work) {
  const int64_t height = map.size(2);
  kernels::parallel_for(0, map.size(0) * height, 8, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) work(row / height, row % height);
  });
}

char* bytes_of(const torch::Tensor& tensor) { return static_cast<char*>(tensor.data_ptr()); }

torch::Tensor interleave_phases(const op::ConvTranspose2d& o, const torch::Tensor& phases, const PerAxis& size,
                                const torch::Tensor& skip) {
  const PhaseOffsets offsets(o, phases);
  const int64_t skip_channels = skip.size(1);
  auto joined = torch::empty({phases.size(0), skip_channels + offsets.channels, size[0], size[1]},
                             phases.options().memory_format(kChannelsLast));
  const auto width = static_cast<size_t>(phases.element_size());  // bytes of a value
  const size_t skip_run = width * static_cast<size_t>(skip_channels),
               run = width * static_cast<size_t>(offsets.channels);
  const char *const from = bytes_of(phases), *const from_skip = bytes_of(skip);
  char* const to = bytes_of(joined);
  const std::vector<int64_t> skip_strides = skip.strides().vec();
  for_each_row(joined, [&](int64_t image, int64_t y) {
    char* pixel = to + static_cast<size_t>((image * size[0] + y) * size[1]) * (skip_run + run);
    const int64_t skip_row = image * skip_strides[0] + y * skip_strides[2];
    offsets.for_each_pixel(image, y, size[1], [&](int64_t x, int64_t offset) {
      if (skip_run > 0)
        std::memcpy(pixel, from_skip + static_cast<size_t>(skip_row + x * skip_strides[3]) * width, skip_run);
      std::memcpy(pixel + skip_run, from + static_cast<size_t>(offset) * width, run);
      pixel += skip_run + run;
    });
  });
  return joined;
}

/// Returns the gradient of the phases; 0 for values that the padding cuts off.
torch::Tensor split_phases(const op::ConvTranspose2d& o, const torch::Tensor& gradient,
                           const std::vector<int64_t>& sizes, int64_t skip_channels) {
  const int64_t height = gradient.size(2), columns = gradient.size(3);
  const bool all = height == sizes[2] * o.stride[0] && columns == sizes[3] * o.stride[1];
  auto phases = torch::empty(sizes, gradient.options().memory_format(kChannelsLast));
  if (!all) phases.zero_();
  const PhaseOffsets offsets(o, phases);
  const auto width = static_cast<size_t>(gradient.element_size());
  const size_t skip_run = width * static_cast<size_t>(skip_channels),
               run = width * static_cast<size_t>(offsets.channels);
  const char* const from = bytes_of(gradient);
  char* const to = bytes_of(phases);
  for_each_row(gradient, [&](int64_t image, int64_t y) {
    const char* pixel = from + static_cast<size_t>((image * height + y) * columns) * (skip_run + run);
    offsets.for_each_pixel(image, y, columns, [&](int64_t, int64_t offset) {
      std::memcpy(to + static_cast<size_t>(offset) * width, pixel + skip_run, run);
      pixel += skip_run + run;
    });
  });
  return phases;
}

/// Arguments of an operation, kept for its gradient.
struct Kept : torch::CustomClassHolder {
  Kept(const op::ConvTranspose2d& transposed, std::vector<int64_t> phase_sizes, int64_t skip_size)
      : o(transposed), sizes(std::move(phase_sizes)), skip_channels(skip_size) {}

  op::ConvTranspose2d o;
  std::vector<int64_t> sizes;  ///< of the phases
  int64_t skip_channels;
};

class InterleaveFunction : public torch::autograd::Function<InterleaveFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& phases,
                               const torch::Tensor& skip, const op::ConvTranspose2d& o, const PerAxis& size) {
    context->saved_data["kept"] =
        c10::IValue::make_capsule(c10::make_intrusive<Kept>(o, phases.sizes().vec(), skip.size(1)));
    return interleave_phases(o, phases, size, skip);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto kept = c10::static_intrusive_pointer_cast<Kept>(context->saved_data["kept"].toCapsule());
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    const auto grad_skip = kept->skip_channels == 0 ? torch::Tensor() : gradient.narrow(1, 0, kept->skip_channels);
    return {split_phases(kept->o, gradient, kept->sizes, kept->skip_channels), grad_skip, {}, {}};
  }
};

}  // namespace

bool can_interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const torch::Tensor& skip) {
  if (o.groups != 1 || !phases.device().is_cpu() || !phases.is_contiguous(kChannelsLast)) return false;
  return !skip.defined() ||
         (skip.scalar_type() == phases.scalar_type() && skip.device().is_cpu() && skip.stride(1) == 1);
}

torch::Tensor interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const PerAxis& size,
                         const torch::Tensor& skip) {
  const auto none = [&] { return phases.new_empty({phases.size(0), 0, size[0], size[1]}); };
  return InterleaveFunction::apply(phases, skip.defined() ? skip : none(), o, size);
}

}  // namespace unet
