#include "models/batch_norm_relu.h"

#include <torch/torch.h>

#include <algorithm>

#include "models/kernels/batch_norm_relu.h"
#include "models/kernels/memory.h"
#include "models/kernels/parallel.h"

namespace unet {
namespace {

using kernels::Bf16;
using kernels::data;

/// Sums of two kinds, by channel.
struct ChannelSums {
  std::vector<double> first, second;
};

/// The pixels in as many parts as give work to every thread, the same for any number of threads, so that sums are too.
struct Parts {
  explicit Parts(const torch::Tensor& x) : pixels(x.numel() / x.size(1)), count(std::clamp(pixels / 512, 1L, 64L)) {}

  int64_t begin(int64_t part) const { return pixels * part / count; }

  /// Calls `work(first pixel, number of pixels, part)`.
  template <class Work>
  void for_each(const Work& work) const {
    kernels::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
      for (int64_t part = first; part < last; ++part) work(begin(part), begin(part + 1) - begin(part), part);
    });
  }

  int64_t pixels, count;
};

/// `add(first pixel, number of pixels, sums, other sums)` over all parts.
template <class Add>
ChannelSums sum_by_channel(const Parts& parts, int64_t channels, const Add& add) {
  const auto size = static_cast<size_t>(channels);
  std::vector<ChannelSums> sums(static_cast<size_t>(parts.count));
  parts.for_each([&](int64_t first, int64_t pixels, int64_t part) {
    ChannelSums& own = sums[static_cast<size_t>(part)];
    own = {std::vector<double>(size), std::vector<double>(size)};
    add(first, pixels, own.first.data(), own.second.data());
  });
  ChannelSums all{std::vector<double>(size), std::vector<double>(size)};
  for (const ChannelSums& part : sums)
    for (size_t c = 0; c < size; ++c) {
      all.first[c] += part.first[c];
      all.second[c] += part.second[c];
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
  const int64_t channels = x.size(1);
  Moments moments{torch::empty({channels}), torch::empty({channels})};
  // Squares of differences from a value that occurs: those of values far from 0 would lose their digits.
  const auto shift = x.select(0, 0).select(1, 0).select(1, 0).to(torch::kFloat).contiguous();
  const auto sums =
      sum_by_channel(parts, channels, [&](int64_t first, int64_t pixels, double* values, double* squares) {
        kernels::add_moments(data<T>(x) + first * channels, pixels, channels, shift.data_ptr<float>(), values, squares);
      });
  for (int64_t c = 0; c < channels; ++c) {
    const auto count = static_cast<double>(parts.pixels);
    const double mean = sums.first[static_cast<size_t>(c)] / count;
    const double variance = std::max(0.0, sums.second[static_cast<size_t>(c)] / count - mean * mean);
    moments.mean.data_ptr<float>()[c] = static_cast<float>(mean + static_cast<double>(shift.data_ptr<float>()[c]));
    moments.variance.data_ptr<float>()[c] = static_cast<float>(variance);
  }
  return moments;
}

/// norm(x) = x * scale + offset.
struct Line {
  torch::Tensor scale, offset;

  Line(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& mean,
       const torch::Tensor& deviation)
      : scale(weight / deviation), offset(bias - mean * scale) {}
};

template <class T>
torch::Tensor forward_of(const torch::Tensor& x, const Line& line) {
  auto y = torch::empty_like(x);
  const int64_t channels = x.size(1);
  Parts(x).for_each([&](int64_t first, int64_t pixels, int64_t) {
    const int64_t place = first * channels;
    kernels::scale_relu(data<T>(x) + place, pixels, channels, line.scale.data_ptr<float>(),
                        line.offset.data_ptr<float>(), data<T>(y) + place);
  });
  return y;
}

/// The gradients of x, weight and bias.
template <class T>
std::vector<torch::Tensor> backward_of(const torch::Tensor& x, const torch::Tensor& gradient, const Line& line,
                                       const torch::Tensor& mean, const torch::Tensor& deviation) {
  const Parts parts(x);
  const int64_t channels = x.size(1);
  const float *scale = line.scale.data_ptr<float>(), *offset = line.offset.data_ptr<float>();
  const auto sums =
      sum_by_channel(parts, channels, [&](int64_t first, int64_t pixels, double* values, double* products) {
        const int64_t place = first * channels;
        kernels::add_gradient_moments(data<T>(x) + place, data<T>(gradient) + place, pixels, channels, scale, offset,
                                      mean.data_ptr<float>(), values, products);
      });
  auto slope = torch::empty({channels}), constant = torch::empty({channels});
  auto weight_gradient = torch::empty({channels}), bias_gradient = torch::empty({channels});
  for (int64_t c = 0; c < channels; ++c) {
    const double sum = sums.first[static_cast<size_t>(c)], product = sums.second[static_cast<size_t>(c)];
    const auto factor = static_cast<double>(scale[c]) / static_cast<double>(parts.pixels);
    const auto width = static_cast<double>(deviation.data_ptr<float>()[c]);
    slope.data_ptr<float>()[c] = static_cast<float>(-factor * product / (width * width));
    constant.data_ptr<float>()[c] = static_cast<float>(-factor * sum);
    weight_gradient.data_ptr<float>()[c] = static_cast<float>(product / width);
    bias_gradient.data_ptr<float>()[c] = static_cast<float>(sum);
  }
  auto x_gradient = torch::empty_like(x);
  parts.for_each([&](int64_t first, int64_t pixels, int64_t) {
    const int64_t place = first * channels;
    kernels::scale_relu_backward(data<T>(x) + place, data<T>(gradient) + place, pixels, channels, scale, offset,
                                 mean.data_ptr<float>(), slope.data_ptr<float>(), constant.data_ptr<float>(),
                                 data<T>(x_gradient) + place);
  });
  return {x_gradient, weight_gradient, bias_gradient};
}

/// `mean` and `deviation`, (C), are those of x.
class BatchNormReluFunction : public torch::autograd::Function<BatchNormReluFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& mean,
                               const torch::Tensor& deviation) {
    context->save_for_backward({x, weight, bias, mean, deviation});
    const Line line(weight, bias, mean, deviation);
    return x.scalar_type() == torch::kFloat ? forward_of<float>(x, line) : forward_of<Bf16>(x, line);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &mean = saved[3], &deviation = saved[4];
    const auto gradient = gradients[0].to(x.scalar_type()).contiguous(torch::MemoryFormat::ChannelsLast);
    const Line line(saved[1], saved[2], mean, deviation);
    auto results = x.scalar_type() == torch::kFloat ? backward_of<float>(x, gradient, line, mean, deviation)
                                                    : backward_of<Bf16>(x, gradient, line, mean, deviation);
    results.resize(5);  // nothing for mean and deviation
    return results;
  }
};

void update_running_statistics(torch::nn::BatchNorm2dImpl& norm, const Moments& moments, int64_t pixels) {
  const double share = *norm.options.momentum(), count = static_cast<double>(pixels);
  norm.num_batches_tracked += 1;
  norm.running_mean.mul_(1 - share).add_(moments.mean, share);
  norm.running_var.mul_(1 - share).add_(moments.variance, share * count / (count - 1));
}

}  // namespace

bool can_batch_norm_relu(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) {
  const bool is_known = x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16;
  return norm.is_training() && x.device().is_cpu() && is_known && x.dim() == 4 &&
         x.is_contiguous(torch::MemoryFormat::ChannelsLast) && x.numel() > x.size(1) &&
         norm.weight.scalar_type() == torch::kFloat;
}

torch::Tensor batch_norm_relu(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
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
