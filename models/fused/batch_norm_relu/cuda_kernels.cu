#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <algorithm>

#include "models/fused/batch_norm_relu/cuda_kernels.h"

// Each thread handles one group of channels, a vector of 16 bytes, over many pixels. Sums are always added in the same
// order: within a thread, within a block, over all blocks. No atomics.

namespace unet::kernels::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kMaxBlocks = 1024;  // several waves on the largest devices
constexpr int kRows = 16;         // rows of the block that adds up the sums of all blocks; it is 32 channels wide

__device__ float to_float(float x) { return x; }
__device__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ float to_float(__half x) { return __half2float(x); }

template <class T>
__device__ T from_float(float x);
template <>
__device__ float from_float(float x) {
  return x;
}
template <>
__device__ __nv_bfloat16 from_float(float x) {
  return __float2bfloat16(x);
}
template <>
__device__ __half from_float(float x) {
  return __float2half(x);
}

template <class T>
constexpr int kLanes = 16 / sizeof(T);

template <class T>
struct Lanes {
  float value[kLanes<T>];
};

template <class T>
__device__ Lanes<T> load(const T* from) {
  const uint4 raw = *reinterpret_cast<const uint4*>(from);
  const T* const values = reinterpret_cast<const T*>(&raw);
  Lanes<T> lanes;
#pragma unroll
  for (int i = 0; i < kLanes<T>; ++i) lanes.value[i] = to_float(values[i]);
  return lanes;
}

template <class T>
__device__ void store(const Lanes<T>& lanes, T* to) {
  uint4 raw;
  T* const values = reinterpret_cast<T*>(&raw);
#pragma unroll
  for (int i = 0; i < kLanes<T>; ++i) values[i] = from_float<T>(lanes.value[i]);
  *reinterpret_cast<uint4*>(to) = raw;
}

template <class T>
__device__ Lanes<T> load_by_channel(const float* by_channel, int64_t first) {
  Lanes<T> lanes;
#pragma unroll
  for (int i = 0; i < kLanes<T>; ++i) lanes.value[i] = by_channel[first + i];
  return lanes;
}

/// The rows that `batch_norm_relu` saves: y = max(0, x * scale + offset).
struct Saved {
  __host__ __device__ Saved(const float* rows, int64_t channels)
      : scale(rows), offset(rows + channels), mean(rows + 2 * channels), inverse_deviation(rows + 3 * channels) {}
  const float *scale, *offset, *mean, *inverse_deviation;
};

/// Calls `work(index of the first value)` for each pixel of this thread.
template <class T, class Work>
__device__ void for_each_pixel(int64_t pixels, int64_t channels, int64_t first_channel, const Work& work) {
  const int64_t step = static_cast<int64_t>(gridDim.y) * blockDim.y;
  for (int64_t pixel = static_cast<int64_t>(blockIdx.y) * blockDim.y + threadIdx.y; pixel < pixels; pixel += step)
    work(pixel * channels + first_channel);
}

template <class T>
__device__ int64_t own_first_channel() {
  return (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) * kLanes<T>;
}

/// Adds up the sums of a block's threads, and writes two rows for each block: of `first` and of `second`.
template <class T>
__device__ void add_block(const Lanes<T>& first, const Lanes<T>& second, int64_t channels, int64_t first_channel,
                          float* partial) {
  __shared__ float shared[2 * kLanes<T>][kThreads];
  const int thread = static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x);
#pragma unroll
  for (int i = 0; i < kLanes<T>; ++i) {
    shared[i][thread] = first.value[i];
    shared[kLanes<T> + i][thread] = second.value[i];
  }
  for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.y >= half) continue;
#pragma unroll
    for (int i = 0; i < 2 * kLanes<T>; ++i) shared[i][thread] += shared[i][thread + half * blockDim.x];
  }
  if (threadIdx.y > 0 || first_channel >= channels) return;
  float* const rows = partial + 2 * static_cast<int64_t>(blockIdx.y) * channels + first_channel;
#pragma unroll
  for (int i = 0; i < kLanes<T>; ++i) {
    rows[i] = shared[i][thread];
    rows[channels + i] = shared[kLanes<T> + i][thread];
  }
}

/// Sums x - shift and its square. The shift, a value of the map, keeps precision where values are far from 0.
template <class T>
__global__ void __launch_bounds__(kThreads) add_moments(const T* x, int64_t pixels, int64_t channels, float* partial) {
  const int64_t first_channel = own_first_channel<T>();
  Lanes<T> sums{}, squares{};
  if (first_channel < channels) {
    const Lanes<T> shift = load(x + first_channel);
    for_each_pixel<T>(pixels, channels, first_channel, [&](int64_t place) {
      const Lanes<T> lanes = load(x + place);
#pragma unroll
      for (int i = 0; i < kLanes<T>; ++i) {
        const float difference = lanes.value[i] - shift.value[i];
        sums.value[i] += difference;
        squares.value[i] += difference * difference;
      }
    });
  }
  add_block<T>(sums, squares, channels, first_channel, partial);
}

/// Adds up the rows of all blocks for the channel of this thread. Valid in the first row of threads.
__device__ double2 add_partial(const float* partial, int64_t blocks, int64_t channels, int64_t channel) {
  __shared__ double2 shared[kRows][32];
  double2 sums{0, 0};
  if (channel < channels)
    for (int64_t block = threadIdx.y; block < blocks; block += kRows) {
      sums.x += partial[2 * block * channels + channel];
      sums.y += partial[(2 * block + 1) * channels + channel];
    }
  shared[threadIdx.y][threadIdx.x] = sums;
  __syncthreads();
  if (threadIdx.y == 0)
    for (int row = 1; row < kRows; ++row) {
      sums.x += shared[row][threadIdx.x].x;
      sums.y += shared[row][threadIdx.x].y;
    }
  return sums;
}

template <class T>
__global__ void finish_moments(const T* x, const float* partial, int64_t blocks, int64_t pixels, int64_t channels,
                               BatchNorm norm, float* saved) {
  const int64_t channel = static_cast<int64_t>(blockIdx.x) * 32 + threadIdx.x;
  const double2 sums = add_partial(partial, blocks, channels, channel);
  if (threadIdx.y > 0 || channel >= channels) return;
  const auto count = static_cast<double>(pixels);
  const double shifted_mean = sums.x / count;
  const double variance = fmax(0.0, sums.y / count - shifted_mean * shifted_mean);
  const double mean = shifted_mean + static_cast<double>(to_float(x[channel]));
  const double inverse_deviation = 1 / sqrt(variance + static_cast<double>(norm.eps));
  const double scale = static_cast<double>(norm.weight[channel]) * inverse_deviation;
  saved[channel] = static_cast<float>(scale);
  saved[channels + channel] = static_cast<float>(static_cast<double>(norm.bias[channel]) - mean * scale);
  saved[2 * channels + channel] = static_cast<float>(mean);
  saved[3 * channels + channel] = static_cast<float>(inverse_deviation);
  if (norm.running_mean == nullptr) return;
  const auto momentum = static_cast<double>(norm.momentum);
  norm.running_mean[channel] = static_cast<float>((1 - momentum) * norm.running_mean[channel] + momentum * mean);
  norm.running_var[channel] =
      static_cast<float>((1 - momentum) * norm.running_var[channel] + momentum * variance * count / (count - 1));
  if (channel == 0) *norm.num_batches_tracked += 1;
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    scale_relu(const T* x, int64_t pixels, int64_t channels, const float* rows, T* y) {
  const int64_t first_channel = own_first_channel<T>();
  if (first_channel >= channels) return;
  const Saved saved(rows, channels);
  const Lanes<T> scale = load_by_channel<T>(saved.scale, first_channel),
                 offset = load_by_channel<T>(saved.offset, first_channel);
  for_each_pixel<T>(pixels, channels, first_channel, [&](int64_t place) {
    Lanes<T> lanes = load(x + place);
#pragma unroll
    for (int i = 0; i < kLanes<T>; ++i) {
      const float value = lanes.value[i] * scale.value[i] + offset.value[i];
      lanes.value[i] = value > 0 || value != value ? value : 0;  // a NaN stays a NaN
    }
    store<T>(lanes, y + place);
  });
}

/// Sums the gradient where ReLU passes it (y is above 0), and its product with x - mean.
template <class T>
__global__ void __launch_bounds__(kThreads) add_gradient_moments(const T* x, const T* gradient, int64_t pixels,
                                                                 int64_t channels, const float* rows, float* partial) {
  const int64_t first_channel = own_first_channel<T>();
  Lanes<T> sums{}, products{};
  if (first_channel < channels) {
    const Saved saved(rows, channels);
    const Lanes<T> scale = load_by_channel<T>(saved.scale, first_channel),
                   offset = load_by_channel<T>(saved.offset, first_channel),
                   mean = load_by_channel<T>(saved.mean, first_channel);
    for_each_pixel<T>(pixels, channels, first_channel, [&](int64_t place) {
      const Lanes<T> lanes = load(x + place), own = load(gradient + place);
#pragma unroll
      for (int i = 0; i < kLanes<T>; ++i) {
        const bool counts = lanes.value[i] * scale.value[i] + offset.value[i] > 0;
        const float counted = counts ? own.value[i] : 0;
        sums.value[i] += counted;
        products.value[i] += counted * (lanes.value[i] - mean.value[i]);
      }
    });
  }
  add_block<T>(sums, products, channels, first_channel, partial);
}

/// Writes two rows, slope and constant, from which follows the gradient of x: scale * (gradient of y where y is above
/// 0)
/// + slope * (x - mean) + constant.
__global__ void finish_gradients(const float* partial, int64_t blocks, int64_t pixels, int64_t channels,
                                 const float* rows, float* slopes, float* grad_weight, float* grad_bias) {
  const int64_t channel = static_cast<int64_t>(blockIdx.x) * 32 + threadIdx.x;
  const double2 sums = add_partial(partial, blocks, channels, channel);
  if (threadIdx.y > 0 || channel >= channels) return;
  const Saved saved(rows, channels);
  const auto inverse_deviation = static_cast<double>(saved.inverse_deviation[channel]);
  const double factor = static_cast<double>(saved.scale[channel]) / static_cast<double>(pixels);
  slopes[channel] = static_cast<float>(-factor * sums.y * inverse_deviation * inverse_deviation);
  slopes[channels + channel] = static_cast<float>(-factor * sums.x);
  grad_weight[channel] = static_cast<float>(sums.y * inverse_deviation);
  grad_bias[channel] = static_cast<float>(sums.x);
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    scale_relu_backward(const T* x, const T* gradient, int64_t pixels, int64_t channels, const float* rows,
                        const float* slopes, T* grad_x) {
  const int64_t first_channel = own_first_channel<T>();
  if (first_channel >= channels) return;
  const Saved saved(rows, channels);
  const Lanes<T> scale = load_by_channel<T>(saved.scale, first_channel),
                 offset = load_by_channel<T>(saved.offset, first_channel),
                 mean = load_by_channel<T>(saved.mean, first_channel),
                 slope = load_by_channel<T>(slopes, first_channel),
                 constant = load_by_channel<T>(slopes + channels, first_channel);
  for_each_pixel<T>(pixels, channels, first_channel, [&](int64_t place) {
    const Lanes<T> lanes = load(x + place), own = load(gradient + place);
    Lanes<T> result;
#pragma unroll
    for (int i = 0; i < kLanes<T>; ++i) {
      const bool counts = lanes.value[i] * scale.value[i] + offset.value[i] > 0;
      result.value[i] = (counts ? scale.value[i] * own.value[i] : 0) +
                        slope.value[i] * (lanes.value[i] - mean.value[i]) + constant.value[i];
    }
    store<T>(result, grad_x + place);
  });
}

int lanes_of(ValueType type) { return type == ValueType::fp32 ? 4 : 8; }

/// Grid and blocks over groups of channels (x) and pixels (y).
struct Launch {
  explicit Launch(const MapShape& shape) {
    const int64_t groups = shape.channels / lanes_of(shape.type);
    unsigned width = 1;
    while (width < 32 && width < groups) width *= 2;
    threads = dim3(width, kThreads / width);
    const auto across = static_cast<unsigned>((groups + width - 1) / width);
    constexpr int64_t kPixelsPerThread = 4;  // at least, in large maps
    const int64_t wanted = (shape.pixels + threads.y * kPixelsPerThread - 1) / (threads.y * kPixelsPerThread);
    blocks = dim3(across, static_cast<unsigned>(std::clamp<int64_t>(wanted, 1, std::max(1U, kMaxBlocks / across))));
    over_channels = dim3(static_cast<unsigned>((shape.channels + 31) / 32));
  }
  dim3 threads, blocks, over_channels;
};

constexpr dim3 sum_threads() { return {32, kRows}; }

template <class T>
void forward(const MapShape& shape, const void* given, const BatchNorm& norm, float* scratch, float* saved, void* y,
             cudaStream_t stream) {
  const Launch launch(shape);
  const T* const x = static_cast<const T*>(given);
  add_moments<T><<<launch.blocks, launch.threads, 0, stream>>>(x, shape.pixels, shape.channels, scratch);
  finish_moments<T><<<launch.over_channels, sum_threads(), 0, stream>>>(x, scratch, launch.blocks.y, shape.pixels,
                                                                        shape.channels, norm, saved);
  scale_relu<T>
      <<<launch.blocks, launch.threads, 0, stream>>>(x, shape.pixels, shape.channels, saved, static_cast<T*>(y));
}

template <class T>
void backward(const MapShape& shape, const void* given, const void* grad_y, const float* saved, float* scratch,
              void* grad_x, float* grad_weight, float* grad_bias, cudaStream_t stream) {
  const Launch launch(shape);
  const T *const x = static_cast<const T*>(given), *const gradient = static_cast<const T*>(grad_y);
  float* const slopes = scratch + 2 * launch.blocks.y * shape.channels;
  add_gradient_moments<T>
      <<<launch.blocks, launch.threads, 0, stream>>>(x, gradient, shape.pixels, shape.channels, saved, scratch);
  finish_gradients<<<launch.over_channels, sum_threads(), 0, stream>>>(
      scratch, launch.blocks.y, shape.pixels, shape.channels, saved, slopes, grad_weight, grad_bias);
  scale_relu_backward<T><<<launch.blocks, launch.threads, 0, stream>>>(x, gradient, shape.pixels, shape.channels, saved,
                                                                       slopes, static_cast<T*>(grad_x));
}

}  // namespace

bool supports_channels(int64_t channels, ValueType type) { return channels % lanes_of(type) == 0; }

bool supports_device(int device) {
  int major = 0, minor = 0;
  return cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) == cudaSuccess &&
         cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device) == cudaSuccess &&
         10 * major + minor >= 75;
}

int64_t scratch_floats(const MapShape& shape) {
  const Launch launch(shape);
  return 2 * (static_cast<int64_t>(launch.blocks.y) + 1) * shape.channels;
}

void batch_norm_relu(const MapShape& shape, const void* x, const BatchNorm& norm, float* scratch, float* saved, void* y,
                     CUstream_st* stream) {
  const auto run = shape.type == ValueType::fp32   ? forward<float>
                   : shape.type == ValueType::bf16 ? forward<__nv_bfloat16>
                                                   : forward<__half>;
  run(shape, x, norm, scratch, saved, y, stream);
}

void batch_norm_relu_backward(const MapShape& shape, const void* x, const void* gradient, const float* saved,
                              float* scratch, void* grad_x, float* grad_weight, float* grad_bias, CUstream_st* stream) {
  const auto run = shape.type == ValueType::fp32   ? backward<float>
                   : shape.type == ValueType::bf16 ? backward<__nv_bfloat16>
                                                   : backward<__half>;
  run(shape, x, gradient, saved, scratch, grad_x, grad_weight, grad_bias, stream);
}

}  // namespace unet::kernels::cuda
