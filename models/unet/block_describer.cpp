#include "models/unet/block_describer.h"

#include <algorithm>
#include <numeric>

#include "configs/schema/error.h"

namespace unet {
namespace {

op::NormKind norm_kind(NormMode mode) {
  switch (mode) {
    case NormMode::batch:
      return op::NormKind::batch;
    case NormMode::group:
      return op::NormKind::group;
    case NormMode::instance:
      return op::NormKind::instance;
    case NormMode::none:
      break;
  }
  fail(ErrorKind::internal, "[unet] model.norm: none has no kind of norm");
}

}  // namespace

void BlockOptions::fields(FieldVisitor& visit) {
  visit("norm", norm, "normalization after each convolution");
  visit("norm_groups", norm_groups, "maximum number of groups of group norm", in_range(1, 1024));
  visit("activation", activation, "activation after each normalization");
  visit("convs_per_level", convs_per_level, "convolutions per block", in_range(1, 8));
  visit("kernel_size", kernel_size, "kernel size of the convolutions, odd", in_range(1, 15));
  visit("dilation", dilation, "dilation of the convolutions", in_range(1, 16));
  visit("groups", groups, "groups of the convolutions; the first convolution always has one", in_range(1, 1024));
  visit("separable", separable, "depthwise separable convolutions");
  visit("residual", residual, "residual blocks: add the input of a block to its output");
  visit("squeeze_excitation", squeeze_excitation, "squeeze-and-excitation reduction; 16 in the paper; 0 is off",
        in_range(0, 256));
  visit("attention_gates", attention_gates, "attention gates on the skip connections");
  visit("padding", padding,
        "same: zero padding; valid: no padding, as in the U-Net paper, and the image is padded by reflection");
}

Value BlockDescriber::block(const std::string& name, Value x, int64_t inner_channels, int64_t out_channels,
                            const std::vector<int64_t>& dilations) const {
  const Value start = x;
  for (size_t i = 1; i <= dilations.size(); ++i) {
    const auto part = [&](const char* kind) { return concat(name, ".", kind, i); };
    const bool is_last = i == dilations.size();
    x = convolution(part("conv"), x, is_last ? out_channels : inner_channels, dilations[i - 1]);
    x = norm(part("norm"), x);
    if (is_last && options_.residual) {
      x = squeeze_excitation(name + ".se", x);
      x = graph_.add(name + ".add", op::Add{}, {x, shortcut(name + ".shortcut", start, x)});
    }
    x = activation(part("activation"), x);
  }
  return options_.residual ? x : squeeze_excitation(name + ".se", x);
}

Value BlockDescriber::block(const std::string& name, Value x, int64_t inner_channels, int64_t out_channels) const {
  const std::vector<int64_t> dilations(static_cast<size_t>(options_.convs_per_level), options_.dilation);
  return block(name, x, inner_channels, out_channels, dilations);
}

Value BlockDescriber::attention_gate(const std::string& name, Value skip, Value gating) const {
  const std::string attention = name + ".attention";
  const int64_t inner = std::max<int64_t>(1, graph_.channels(skip) / 2);
  const Value from_skip = pointwise(attention + ".skip", skip, inner);
  const Value from_gating = pointwise(attention + ".gating", gating, inner);
  Value weights = graph_.add(attention + ".add", op::Add{}, {from_skip, from_gating});
  weights = graph_.add(attention + ".relu", op::Activation{op::ActivationKind::relu}, {weights});
  weights = pointwise(attention + ".psi", weights, 1);
  weights = graph_.add(attention + ".sigmoid", op::Activation{op::ActivationKind::sigmoid}, {weights});
  return graph_.add(attention + ".multiply", op::Multiply{}, {skip, weights});
}

Value BlockDescriber::convolution(const std::string& name, Value x, int64_t out_channels, int64_t dilation) const {
  const int64_t in = graph_.channels(x), kernel = options_.kernel_size;
  const int64_t padding = options_.padding == Padding::valid ? 0 : dilation * (kernel - 1) / 2;
  const bool bias = options_.norm == NormMode::none;  // a norm's shift replaces it
  const int64_t groups = in % options_.groups == 0 ? options_.groups : 1;
  if (!options_.separable)
    return graph_.add(name, op::Conv2d{in, out_channels, kernel, padding, bias, 1, dilation, groups}, {x});
  x = graph_.add(name + ".depthwise", op::Conv2d{in, in, kernel, padding, /*bias=*/false, 1, dilation, in}, {x});
  return graph_.add(name + ".pointwise", op::Conv2d{in, out_channels, 1, 0, bias, 1, 1, groups}, {x});
}

/// Adds a 1x1 convolution and a norm.
Value BlockDescriber::pointwise(const std::string& name, Value x, int64_t out_channels) const {
  const op::Conv2d conv{graph_.channels(x), out_channels, 1, 0, options_.norm == NormMode::none};
  return norm(name + ".norm", graph_.add(name + ".conv", conv, {x}));
}

Value BlockDescriber::norm(const std::string& name, Value x) const {
  if (options_.norm == NormMode::none) return x;
  const int64_t channels = graph_.channels(x);
  return graph_.add(name, op::Norm{norm_kind(options_.norm), channels, std::gcd(channels, options_.norm_groups)}, {x});
}

Value BlockDescriber::activation(const std::string& name, Value x) const {
  return graph_.add(name, op::Activation{options_.activation}, {x});
}

/// Returns x with the number of channels of `like`.
Value BlockDescriber::shortcut(const std::string& name, Value x, Value like) const {
  if (options_.padding == Padding::valid) x = graph_.add(name + ".crop", op::CropLike{/*center=*/true}, {x, like});
  return graph_.channels(x) == graph_.channels(like) ? x : pointwise(name, x, graph_.channels(like));
}

Value BlockDescriber::squeeze_excitation(const std::string& name, Value x) const {
  if (options_.squeeze_excitation == 0) return x;
  const int64_t channels = graph_.channels(x);
  const int64_t reduced = std::max<int64_t>(1, channels / options_.squeeze_excitation);
  Value weights = graph_.add(name + ".pool", op::GlobalAvgPool2d{}, {x});
  weights = graph_.add(name + ".fc1", op::Conv2d{channels, reduced, 1, 0}, {weights});
  weights = graph_.add(name + ".relu", op::Activation{op::ActivationKind::relu}, {weights});
  weights = graph_.add(name + ".fc2", op::Conv2d{reduced, channels, 1, 0}, {weights});
  weights = graph_.add(name + ".sigmoid", op::Activation{op::ActivationKind::sigmoid}, {weights});
  return graph_.add(name + ".multiply", op::Multiply{}, {x, weights});
}

}  // namespace unet
