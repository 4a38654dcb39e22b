#pragma once

#include <cstdint>

struct CUstream_st;  // what a cudaStream_t points to

namespace unet::kernels::cuda {

enum class ValueType { fp32, bf16, fp16 };

/// Shape of a batch of feature maps in channels_last; `pixels` counts those of all images.
struct MapShape {
  int64_t pixels;
  int64_t channels;  ///< see `supports_channels`
  ValueType type;
};

/// Whether the kernels support this number of channels: they must fill whole vectors of 16 bytes.
bool supports_channels(int64_t channels, ValueType type);

/// Whether a device can run the kernels, which need compute capability 7.5 or higher.
bool supports_device(int device);

/// Values of a batch norm in device memory, one for each channel. Running statistics that are null are not updated.
struct BatchNorm {
  const float *weight, *bias;
  float *running_mean, *running_var;
  int64_t* num_batches_tracked;
  float momentum, eps;
};

/// Number of rows, of one float for each channel, that `batch_norm_relu` saves for the backward pass.
constexpr int64_t kSavedRows = 4;

/// Number of floats of scratch memory that the functions need.
int64_t scratch_floats(const MapShape& shape);

/// Computes y = relu(batch_norm(x)) in training, in two reads and one write. Updates the running statistics unless they
/// are null.
void batch_norm_relu(const MapShape& shape, const void* x, const BatchNorm& norm, float* scratch, float* saved, void* y,
                     CUstream_st* stream);

/// Computes the gradients of x, weight and bias from the gradient of y, in four reads and one write.
void batch_norm_relu_backward(const MapShape& shape, const void* x, const void* gradient, const float* saved,
                              float* scratch, void* grad_x, float* grad_weight, float* grad_bias, CUstream_st* stream);

}  // namespace unet::kernels::cuda
