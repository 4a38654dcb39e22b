#pragma once

#include <cstdint>

struct CUstream_st;  // what a cudaStream_t points to

namespace unet::kernels::cuda {

enum class ValueType { fp32, bf16, fp16 };

/// Shape of a batch of maps in channels_last; `pixels` are those of all images.
struct MapShape {
  int64_t pixels;
  int64_t channels;  ///< see `takes_channels`
  ValueType type;
};

/// Whether the kernels support this number of channels, which must fill whole vectors of 16 bytes.
bool takes_channels(int64_t channels, ValueType type);

/// Whether a device can run the kernels: from compute capability 7.5 on.
bool takes_device(int device);

/// Values of a batch norm on the device, one for each channel. Null running statistics are not updated.
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
                              float* scratch, void* x_gradient, float* weight_gradient, float* bias_gradient,
                              CUstream_st* stream);

}  // namespace unet::kernels::cuda
