#include "models/fused/batch_norm_relu/cpu.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "models/fused/batch_norm_relu/cpu_kernels.h"
#include "models/kernels/memory.h"
#include "models/kernels/parallel.h"

namespace unet {
namespace {

using kernels::Bf16;
using kernels::data;

/// Two sums for each channel.
struct ChannelSums {
  std::vector<double> first, second;
};

/// Splits the pixels into parts, enough for every thread. The parts do not depend on the number of threads, so neither
/// do the sums. If several pixels fill exactly one vector, they are folded into one pixel with that many times the
/// channels.
struct Parts {
  explicit Parts(const torch::Tensor& x) : values(x.numel() / x.size(1)), channels(x.size(1)) {
    const int64_t fitting = kernels::kLanes / channels;
    if (fitting > 1 && fitting * channels == kernels::kLanes && values % fitting == 0) fold = fitting;
    pixels = values / fold;
    width = channels * fold;
    count = std::clamp<int64_t>(values * channels / 32768, 1, 64);
  }

  int64_t begin(int64_t part) const { return pixels * part / count; }

  /// Repeats per-channel values for each of the pixels that are folded into one.
  torch::Tensor folded(const torch::Tensor& by_channel) const {
    return fold == 1 ? by_channel : by_channel.repeat({fold});
  }

  /// Calls `work(first pixel, number of pixels, part)`.
  template <class Work>
  void for_each(const Work& work) const {
    kernels::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
      for (int64_t part = first; part < last; ++part) work(begin(part), begin(part + 1) - begin(part), part);
    });
  }

  int64_t values;    ///< number of values of each channel
  int64_t channels;  ///< channels of the map
  int64_t fold = 1, pixels = 0, width = 0, count = 0;
};

/// Calls `add(first pixel, number of pixels, first sums, second sums)` for all parts and returns the totals by channel.
template <class Add>
ChannelSums sum_by_channel(const Parts& parts, const Add& add) {
  const auto width = static_cast<size_t>(parts.width), size = static_cast<size_t>(parts.channels);
  std::vector<ChannelSums> sums(static_cast<size_t>(parts.count));
  parts.for_each([&](int64_t first, int64_t pixels, int64_t part) {
    ChannelSums& own = sums[static_cast<size_t>(part)];
    own = {std::vector<double>(width), std::vector<double>(width)};
    add(first, pixels, own.first.data(), own.second.data());
  });
  ChannelSums all{std::vector<double>(size), std::vector<double>(size)};
  for (const ChannelSums& part : sums)
    for (size_t i = 0; i < width; ++i) {
      all.first[i % size] += part.first[i];
      all.second[i % size] += part.second[i];
    }
  return all;
}

/// Mean and variance of a batch, (C) float.
struct Moments {
  torch::Tensor mean, variance;
};

template <class T>
Moments moments_of(const torch::Tensor& x) {
  const Parts parts(x);
  const int64_t channels = parts.channels, width = parts.width;
  Moments moments{torch::empty({channels}), torch::empty({channels})};
  // Sums differences from one value of x, because sums of squares of values far from 0 would lose precision.
  const auto shift = x.select(0, 0).select(1, 0).select(1, 0).to(torch::kFloat).contiguous();
  const auto wide_shift = parts.folded(shift);
  const auto sums = sum_by_channel(parts, [&](int64_t first, int64_t pixels, double* values, double* squares) {
    kernels::add_moments(data<T>(x) + first * width, pixels, width, wide_shift.data_ptr<float>(), values, squares);
  });
  for (int64_t c = 0; c < channels; ++c) {
    const auto count = static_cast<double>(parts.values);
    const double mean = sums.first[static_cast<size_t>(c)] / count;
    const double variance = std::max(0.0, sums.second[static_cast<size_t>(c)] / count - mean * mean);
    moments.mean.data_ptr<float>()[c] = static_cast<float>(mean + static_cast<double>(shift.data_ptr<float>()[c]));
    moments.variance.data_ptr<float>()[c] = static_cast<float>(variance);
  }
  return moments;
}

/// norm(x) = x * scale + offset.
struct Affine {
  torch::Tensor scale, offset;

  Affine(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& mean,
         const torch::Tensor& deviation)
      : scale(weight / deviation), offset(bias - mean * scale) {}
};

template <class T>
torch::Tensor forward_of(const torch::Tensor& x, const Affine& affine) {
  auto y = torch::empty_like(x);
  const Parts parts(x);
  const auto scale = parts.folded(affine.scale), offset = parts.folded(affine.offset);
  parts.for_each([&](int64_t first, int64_t pixels, int64_t) {
    const int64_t place = first * parts.width;
    kernels::scale_relu(data<T>(x) + place, pixels, parts.width, scale.data_ptr<float>(), offset.data_ptr<float>(),
                        data<T>(y) + place);
  });
  return y;
}

/// Returns the gradients of x, weight and bias.
template <class T>
std::vector<torch::Tensor> backward_of(const torch::Tensor& x, const torch::Tensor& gradient, const Affine& affine,
                                       const torch::Tensor& mean, const torch::Tensor& deviation) {
  const Parts parts(x);
  const int64_t channels = parts.channels, width = parts.width;
  const auto wide_scale = parts.folded(affine.scale), wide_offset = parts.folded(affine.offset);
  const auto wide_mean = parts.folded(mean);
  const float *scale = wide_scale.data_ptr<float>(), *offset = wide_offset.data_ptr<float>();
  const float* means = wide_mean.data_ptr<float>();
  const auto sums = sum_by_channel(parts, [&](int64_t first, int64_t pixels, double* values, double* products) {
    const int64_t place = first * width;
    kernels::add_gradient_moments(data<T>(x) + place, data<T>(gradient) + place, pixels, width, scale, offset, means,
                                  values, products);
  });
  auto slope = torch::empty({channels}), constant = torch::empty({channels});
  auto grad_weight = torch::empty({channels}), grad_bias = torch::empty({channels});
  for (int64_t c = 0; c < channels; ++c) {
    const double sum = sums.first[static_cast<size_t>(c)], product = sums.second[static_cast<size_t>(c)];
    const auto factor = static_cast<double>(scale[c]) / static_cast<double>(parts.values);
    const auto own_deviation = static_cast<double>(deviation.data_ptr<float>()[c]);
    slope.data_ptr<float>()[c] = static_cast<float>(-factor * product / (own_deviation * own_deviation));
    constant.data_ptr<float>()[c] = static_cast<float>(-factor * sum);
    grad_weight.data_ptr<float>()[c] = static_cast<float>(product / own_deviation);
    grad_bias.data_ptr<float>()[c] = static_cast<float>(sum);
  }
  const auto wide_slope = parts.folded(slope), wide_constant = parts.folded(constant);
  auto grad_x = torch::empty_like(x);
  parts.for_each([&](int64_t first, int64_t pixels, int64_t) {
    const int64_t place = first * width;
    kernels::scale_relu_backward(data<T>(x) + place, data<T>(gradient) + place, pixels, width, scale, offset, means,
                                 wide_slope.data_ptr<float>(), wide_constant.data_ptr<float>(),
                                 data<T>(grad_x) + place);
  });
  return {grad_x, grad_weight, grad_bias};
}

/// relu(norm(x)) with its gradient. `mean` and `deviation`, (C), are statistics of x.
class BatchNormReluFunction : public torch::autograd::Function<BatchNormReluFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& mean,
                               const torch::Tensor& deviation) {
    context->save_for_backward({x, weight, bias, mean, deviation});
    const Affine affine(weight, bias, mean, deviation);
    return x.scalar_type() == torch::kFloat ? forward_of<float>(x, affine) : forward_of<Bf16>(x, affine);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &mean = saved[3], &deviation = saved[4];
    const auto gradient = gradients[0].to(x.scalar_type()).contiguous(torch::MemoryFormat::ChannelsLast);
    const Affine affine(saved[1], saved[2], mean, deviation);
    auto results = x.scalar_type() == torch::kFloat ? backward_of<float>(x, gradient, affine, mean, deviation)
                                                    : backward_of<Bf16>(x, gradient, affine, mean, deviation);
    results.resize(5);  // mean and deviation have no gradient
    return results;
  }
};

void update_running_statistics(torch::nn::BatchNorm2dImpl& norm, const Moments& moments, int64_t pixels) {
  const double momentum = *norm.options.momentum(), count = static_cast<double>(pixels);
  norm.num_batches_tracked += 1;
  norm.running_mean.mul_(1 - momentum).add_(moments.mean, momentum);
  norm.running_var.mul_(1 - momentum).add_(moments.variance, momentum * count / (count - 1));
}

}  // namespace

bool can_batch_norm_relu_on_cpu(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) {
  const bool is_known = x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16;
  return norm.is_training() && x.device().is_cpu() && is_known && x.dim() == 4 &&
         x.is_contiguous(torch::MemoryFormat::ChannelsLast) && x.numel() > x.size(1) &&
         norm.weight.scalar_type() == torch::kFloat;
}

torch::Tensor batch_norm_relu_on_cpu(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
  torch::Tensor mean, deviation;
  {
    const torch::NoGradGuard no_grad;
    const Moments moments = x.scalar_type() == torch::kFloat ? moments_of<float>(x) : moments_of<Bf16>(x);
    if (pass == Pass::first) update_running_statistics(norm, moments, x.numel() / x.size(1));
    mean = moments.mean;
    deviation = (moments.variance + norm.options.eps()).sqrt();
  }
  return BatchNormReluFunction::apply(x, norm.weight, norm.bias, mean, deviation);
}

}  // namespace unet
