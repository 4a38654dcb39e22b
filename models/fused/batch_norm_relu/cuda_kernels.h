#pragma once

#include <cstdint>

struct CUstream_st;  // what a cudaStream_t points to

namespace unet::kernels::cuda {

enum class ValueType { fp32, bf16, fp16 };

/// A map whose channels lie together for each pixel (channels_last); all its images in one.
struct MapShape {
  int64_t pixels;
  int64_t channels;  ///< see `takes_channels`
  ValueType type;
};

/// Whether kernels take maps of so many channels: those that fill whole vectors of 16 bytes.
bool takes_channels(int64_t channels, ValueType type);

/// Whether a device can run the kernels: from compute capability 7.5 on.
bool takes_device(int device);

/// A batch norm's numbers on the device, one for each channel. Without running statistics, null.
struct BatchNorm {
  const float *weight, *bias;
  float *running_mean, *running_var;
  int64_t* num_batches_tracked;
  float momentum, eps;
};

/// Rows of one float for each channel that `batch_norm_relu` leaves for the way back.
constexpr int64_t kSavedRows = 4;

/// How many floats the functions need for themselves.
int64_t scratch_floats(const MapShape& shape);

/// y = relu(batch_norm(x)) in training, in two reads and a write; updates the running statistics where there are any.
void batch_norm_relu(const MapShape& shape, const void* x, const BatchNorm& norm, float* scratch, float* saved, void* y,
                     CUstream_st* stream);

/// From the gradient of y, of x's type, those of x, weight and bias, in four reads and a write.
void batch_norm_relu_backward(const MapShape& shape, const void* x, const void* gradient, const float* saved,
                              float* scratch, void* x_gradient, float* weight_gradient, float* bias_gradient,
                              CUstream_st* stream);

}  // namespace unet::kernels::cuda
