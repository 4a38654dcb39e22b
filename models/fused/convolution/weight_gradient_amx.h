#pragma once

#include <cstdint>

#include "models/kernels/lanes.h"

namespace unet::kernels {

/// Sizes of a convolution with stride and dilation 1 on maps in channels_last.
struct ConvolutionSizes {
  int64_t images, height, width;  ///< of x
  int64_t inputs, outputs;        ///< channels of a group
  int64_t x_stride, y_stride;     ///< distance of neighboring pixels in values: the channels of all groups
  int64_t kernel_height, kernel_width;
  int64_t padding_height, padding_width;  ///< zeros on each side

  int64_t y_height() const { return height + 2 * padding_height - kernel_height + 1; }
  int64_t y_width() const { return width + 2 * padding_width - kernel_width + 1; }
};

/// Computes the weight gradient of a convolution, [outputs][kernel_height][kernel_width][inputs]: fp32 sums of bf16
/// products, with AMX, which the processor must have. oneDNN 2.6 takes 1.4 to 2.4 times as long, and is wrong for wide
/// maps (see library_faults.h). Results are bit-identical for the same number of threads.
void weight_gradient(const ConvolutionSizes& sizes, const Bf16* x, const Bf16* grad_y, float* grad_weight);

}  // namespace unet::kernels
