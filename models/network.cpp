#include "models/network.h"

#include <torch/torch.h>

#include <cmath>
#include <sstream>

#include "configs/schema/error.h"
#include "models/torch_compat.h"
#include "models/transposed_convolution.h"

namespace unet {
namespace {

namespace nn = torch::nn;
using ModulePtr = std::shared_ptr<nn::Module>;
using Tensors = std::vector<torch::Tensor>;

ModulePtr make_norm(const op::Norm& o) {
  switch (o.kind) {
    case op::NormKind::batch:
      return nn::BatchNorm2d(nn::BatchNorm2dOptions(o.channels)).ptr();
    case op::NormKind::instance:
      return nn::InstanceNorm2d(nn::InstanceNorm2dOptions(o.channels).affine(true)).ptr();
    case op::NormKind::group:
      return nn::GroupNorm(nn::GroupNormOptions(o.groups, o.channels)).ptr();
  }
  fail(ErrorKind::internal, "[network] a norm without a module");
}

/// The module that owns a node's parameters, or null.
ModulePtr make_module(const Op& operation) {
  return std::visit(
      overloaded{
          [](const op::Conv2d& o) -> ModulePtr {
            return nn::Conv2d(nn::Conv2dOptions(o.in_channels, o.out_channels, o.kernel_size)
                                  .stride(o.stride)
                                  .padding(o.padding)
                                  .dilation(o.dilation)
                                  .groups(o.groups)
                                  .bias(o.bias))
                .ptr();
          },
          [](const op::ConvTranspose2d& o) -> ModulePtr {
            return nn::ConvTranspose2d(nn::ConvTranspose2dOptions(o.in_channels, o.out_channels, o.kernel_size)
                                           .stride(o.stride)
                                           .padding(o.padding)
                                           .output_padding(o.output_padding)
                                           .groups(o.groups)
                                           .bias(o.bias)
                                           .dilation(o.dilation))
                .ptr();
          },
          [](const op::Norm& o) -> ModulePtr { return make_norm(o); },
          [](const op::Activation& o) -> ModulePtr {
            return o.kind == op::ActivationKind::prelu ? nn::PReLU().ptr() : nullptr;
          },
          [](const auto&) -> ModulePtr { return nullptr; },
      },
      operation);
}

/// LibTorch 1.13 gives garbage for the weights' gradient of a convolution in bf16 that is both dilated and grouped, in
/// channels_last on a CPU: it runs in fp32 there.
torch::Tensor convolve(const op::Conv2d& o, nn::Conv2dImpl& module, const torch::Tensor& x) {
  const bool is_broken = o.groups > 1 && o.dilation > 1 && x.device().is_cpu() &&
                         (x.scalar_type() == torch::kBFloat16 || compat::autocast_enabled(torch::kCPU));
  if (!is_broken) return module.forward(x);
  const c10::impl::ExcludeDispatchKeyGuard no_casts(c10::autocast_dispatch_keyset);
  return module.forward(x.to(torch::kFloat)).to(compat::autocast_dtype(torch::kCPU));
}

/// LibTorch 1.13 gives garbage for the gradient of x on a CPU where the gradient of y has another memory format.
torch::Tensor safe_gelu(const torch::Tensor& x) {
  auto y = torch::gelu(x);
  const auto format = x.suggest_memory_format();
  if (y.requires_grad())
    y.register_hook([format](const torch::Tensor& gradient) { return gradient.contiguous(format); });
  return y;
}

torch::Tensor activate(op::ActivationKind kind, nn::Module* module, const torch::Tensor& x) {
  switch (kind) {
    case op::ActivationKind::relu:
      return torch::relu(x);
    case op::ActivationKind::leaky_relu:
      return torch::leaky_relu(x, 0.01);
    case op::ActivationKind::elu:
      return torch::elu(x);
    case op::ActivationKind::silu:
      return torch::silu(x);
    case op::ActivationKind::gelu:
      return safe_gelu(x);
    case op::ActivationKind::prelu:
      return torch::prelu(x, module->as<nn::PReLU>()->weight.to(x.scalar_type()));
    case op::ActivationKind::sigmoid:
      return torch::sigmoid(x);
  }
  fail(ErrorKind::internal, "[network] an activation without a function");
}

/// Numbers `first`, `first` + 1, ... of a side of `size` pixels that is reflected at its ends without end.
torch::Tensor mirrored(int64_t first, int64_t count, int64_t size, const torch::Device& device) {
  const int64_t period = std::max<int64_t>(1, 2 * (size - 1));
  const auto places =
      torch::arange(first, first + count, torch::dtype(torch::kLong).device(device)).abs().remainder(period);
  return torch::minimum(places, period - places);
}

torch::Tensor pad(const op::Pad& o, const torch::Tensor& x) {
  const int64_t height = op::padded_size(x.size(2), o, 0), width = op::padded_size(x.size(3), o, 1);
  if (o.mirror)
    return x.index_select(2, mirrored(-o.margin[0], height, x.size(2), x.device()))
        .index_select(3, mirrored(-o.margin[1], width, x.size(3), x.device()));
  const int64_t bottom = height - x.size(2), right = width - x.size(3);
  return bottom == 0 && right == 0 ? x
                                   : torch::replication_pad2d(x, {o.margin[1], right - o.margin[1], o.margin[0],
                                                                  bottom - o.margin[0]});
}

torch::Tensor crop_like(const op::CropLike& o, const torch::Tensor& x, const torch::Tensor& like) {
  const int64_t top = o.center ? (x.size(2) - like.size(2)) / 2 : 0;
  const int64_t left = o.center ? (x.size(3) - like.size(3)) / 2 : 0;
  return x.narrow(2, top, like.size(2)).narrow(3, left, like.size(3));
}

torch::Tensor interpolate(const op::Interpolate& o, const torch::Tensor& x) {
  const std::vector<int64_t> size{x.size(2) * o.factor[0], x.size(3) * o.factor[1]};
  if (o.mode == op::InterpolateMode::nearest) return torch::upsample_nearest2d(x, size);
  return torch::upsample_bilinear2d(x, size, o.align_corners);
}

torch::Tensor max_pool(const op::MaxPool2d& o, const torch::Tensor& x) {
  return torch::max_pool2d(x, o.kernel_size, o.stride, o.padding);
}

torch::Tensor transposed(const op::ConvTranspose2d& o, const nn::ConvTranspose2dImpl& module, const torch::Tensor& x) {
  return conv_transpose2d(o, x, module.weight, module.bias);
}

/// What `norm.forward(x)` computes; its running statistics are updated in the first pass only.
torch::Tensor batch_norm(nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
  if (pass == Pass::first || !norm.is_training()) return norm.forward(x);
  return torch::batch_norm(x, norm.weight, norm.bias, /*running_mean=*/{}, /*running_var=*/{}, /*training=*/true,
                           /*momentum=*/0, norm.options.eps(), at::globalContext().userEnabledCuDNN());
}

/// LibTorch's batch norm takes bf16 values with fp32 parameters; its other norms do not on a CPU, so these
/// run in fp32, as they do under PyTorch's autocast on CUDA.
torch::Tensor normalise(const op::Norm& o, nn::Module& module, const torch::Tensor& x, Pass pass) {
  switch (o.kind) {
    case op::NormKind::batch:
      return batch_norm(*module.as<nn::BatchNorm2d>(), x, pass);
    case op::NormKind::instance:
      return module.as<nn::InstanceNorm2d>()->forward(x.to(torch::kFloat)).to(x.scalar_type());
    case op::NormKind::group:
      return module.as<nn::GroupNorm>()->forward(x.to(torch::kFloat)).to(x.scalar_type());
  }
  fail(ErrorKind::internal, "[network] a norm without a function");
}

torch::Tensor run(const Op& operation, nn::Module* module, const Tensors& in, bool training, Pass pass) {
  return std::visit(
      overloaded{
          [](const op::Input&) -> torch::Tensor { fail(ErrorKind::internal, "[network] images in two places"); },
          [&](const op::Conv2d& o) { return convolve(o, *module->as<nn::Conv2d>(), in[0]); },
          [&](const op::ConvTranspose2d& o) { return transposed(o, *module->as<nn::ConvTranspose2d>(), in[0]); },
          [&](const op::Norm& o) { return normalise(o, *module, in[0], pass); },
          [&](const op::Activation& o) { return activate(o.kind, module, in[0]); },
          [&](const op::Dropout& o) { return torch::dropout(in[0], o.probability, training); },
          [&](const op::MaxPool2d& o) { return max_pool(o, in[0]); },
          [&](const op::GlobalAvgPool2d&) { return torch::adaptive_avg_pool2d(in[0], {1, 1}); },
          [&](const op::Concatenate&) { return torch::cat(in, 1); },
          [&](const op::Add&) { return in[0] + in[1]; },
          [&](const op::Multiply&) { return in[0] * in[1]; },
          [&](const op::Interpolate& o) { return interpolate(o, in[0]); },
          [&](const op::PixelShuffle& o) { return torch::pixel_shuffle(in[0], o.factor); },
          [&](const op::Pad& o) { return pad(o, in[0]); },
          [&](const op::CropLike& o) { return crop_like(o, in[0], in[1]); },
      },
      operation);
}

}  // namespace

NetworkImpl::NetworkImpl(Graph graph) : graph_(std::move(graph)) {
  const auto& nodes = graph_.nodes();
  last_use_.assign(nodes.size(), nodes.size());
  needed_ = needed_for_output(graph_);
  all_.assign(nodes.size(), true);
  for (size_t i = 0; i < nodes.size(); ++i) {
    modules_.push_back(make_module(nodes[i].op));
    if (modules_.back()) register_at(nodes[i].name, modules_.back());
    for (const Value& input : nodes[i].inputs) last_use_[input.node] = i;
  }
  for (const Value& value : graph_.auxiliary()) last_use_[value.node] = nodes.size();
}

void NetworkImpl::register_at(const std::string& path, ModulePtr module) {
  nn::Module* parent = this;
  std::istringstream parts(path);
  std::string part;
  std::getline(parts, part, '.');
  for (std::string next; std::getline(parts, next, '.'); part = next) {
    const auto children = parent->named_children();
    const auto* child = children.find(part);
    parent = child ? child->get() : parent->register_module(part, std::make_shared<nn::Module>()).get();
  }
  parent->register_module(part, std::move(module));
}

void NetworkImpl::checkpoint_activations(bool on) {
  checkpointed_ = on ? blocks_of(graph_) : std::vector<Block>();
  if (!checkpointed_.empty()) checkpointed_.pop_back();
}

torch::Tensor NetworkImpl::forward(const torch::Tensor& images) {
  Tensors values(graph_.nodes().size());
  values.front() = images;
  run_all(values, needed_);
  return values.back();
}

Tensors NetworkImpl::forward_all(const torch::Tensor& images) {
  Tensors values(graph_.nodes().size());
  values.front() = images;
  run_all(values, all_);
  Tensors outputs{values.back()};
  for (const Value& value : graph_.auxiliary()) outputs.push_back(values[value.node]);
  return outputs;
}

torch::Tensor NetworkImpl::value_of(size_t node, const std::map<size_t, torch::Tensor>& given) {
  const auto& nodes = graph_.nodes();
  std::vector<bool> wanted(nodes.size());
  wanted.at(node) = true;
  Tensors values(nodes.size());
  for (size_t i = node + 1; i-- > 0;) {
    const auto found = given.find(i);
    if (found != given.end()) {
      values[i] = found->second;
      wanted[i] = false;
    } else if (wanted[i]) {
      for (const Value& input : nodes[i].inputs) wanted[input.node] = true;
    }
  }
  run_nodes(0, node + 1, wanted, values, Pass::first);
  return values[node];
}

void NetworkImpl::run_all(Tensors& values, const std::vector<bool>& wanted) {
  size_t next = 1;
  if (is_training() && torch::GradMode::is_enabled())
    for (const Block& block : checkpointed_) {
      if (!wanted[block.first]) continue;
      run_nodes(next, block.first, wanted, values, Pass::first);
      run_checkpointed(block, values);
      next = block.last;
    }
  run_nodes(next, values.size(), wanted, values, Pass::first);
}

void NetworkImpl::run_nodes(size_t first, size_t last, const std::vector<bool>& wanted, Tensors& values, Pass pass) {
  const auto& nodes = graph_.nodes();
  for (size_t i = first; i < last; ++i) {
    Tensors inputs;
    if (wanted[i])
      for (const Value& input : nodes[i].inputs) inputs.push_back(values[input.node]);
    for (const Value& input : nodes[i].inputs)
      if (last_use_[input.node] == i) values[input.node].reset();
    if (wanted[i]) values[i] = run(nodes[i].op, modules_[i].get(), inputs, is_training(), pass);
  }
}

void NetworkImpl::run_checkpointed(const Block& block, Tensors& values) {
  Tensors inputs;
  for (const Value& value : block.reads) inputs.push_back(values[value.node]);
  for (const Value& value : block.reads)
    if (last_use_[value.node] < block.last) values[value.node].reset();
  const Tensors results = checkpointed(segment_of(block), inputs);
  for (size_t i = 0; i < results.size(); ++i) values[block.gives[i].node] = results[i];
}

Segment NetworkImpl::segment_of(const Block& block) {
  Segment segment;
  segment.learns = false;
  for (size_t i = block.first; i < block.last; ++i) {
    segment.draws = segment.draws || std::holds_alternative<op::Dropout>(graph_.nodes()[i].op);
    if (modules_[i])
      for (const auto& parameter : modules_[i]->parameters())
        segment.learns = segment.learns || parameter.requires_grad();
  }
  const auto self = std::static_pointer_cast<NetworkImpl>(shared_from_this());  // gradients may outlive the caller's
  segment.run = [self, block](const Tensors& inputs, Pass pass) {
    Tensors values(self->graph_.nodes().size());
    for (size_t i = 0; i < block.reads.size(); ++i) values[block.reads[i].node] = inputs[i];
    self->run_nodes(block.first, block.last, self->all_, values, pass);
    Tensors results;
    for (const Value& value : block.gives) results.push_back(values[value.node]);
    return results;
  };
  return segment;
}

namespace {

/// ICNR: before a pixel shuffle, the weights of all pixels of a square become those of its first one.
void equalise_shuffled(const NetworkImpl& network) {
  for (const Node& node : network.graph().nodes()) {
    const auto* shuffle = std::get_if<op::PixelShuffle>(&node.op);
    if (shuffle == nullptr) continue;
    torch::Tensor weight = network.module_of(node.inputs[0].node)->as<nn::Conv2d>()->weight;
    const int64_t pixels = shuffle->factor * shuffle->factor;
    weight.copy_(weight.slice(0, 0, weight.size(0), pixels).clone().repeat_interleave(pixels, 0));
  }
}

}  // namespace

void initialise(NetworkImpl& network, uint64_t seed) {
  torch::NoGradGuard no_grad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto he_normal = [&](torch::Tensor& weight, int64_t fan_in) {
    const auto drawn = torch::empty(weight.sizes()).normal_(0, std::sqrt(2.0 / static_cast<double>(fan_in)), generator);
    weight.copy_(drawn);
  };
  for (const auto& module : network.modules(/*include_self=*/false)) {
    if (auto* conv = module->as<nn::Conv2d>()) {
      he_normal(conv->weight, conv->weight[0].numel());
      if (conv->bias.defined()) conv->bias.zero_();
    } else if (auto* up = module->as<nn::ConvTranspose2d>()) {
      const auto& o = up->options;
      const int64_t taps = up->weight.size(2) * up->weight.size(3);
      const int64_t reaching = o.in_channels() / o.groups() * taps / (o.stride()->at(0) * o.stride()->at(1));
      he_normal(up->weight, std::max<int64_t>(1, reaching));
      if (up->bias.defined()) up->bias.zero_();
    } else if (auto* norm = module->as<nn::BatchNorm2d>()) {
      norm->reset_parameters();
    } else if (auto* instance = module->as<nn::InstanceNorm2d>()) {
      instance->reset_parameters();
    } else if (auto* group = module->as<nn::GroupNorm>()) {
      group->reset_parameters();
    } else if (auto* prelu = module->as<nn::PReLU>()) {
      prelu->weight.fill_(prelu->options.init());
    }
  }
  equalise_shuffled(network);
}

}  // namespace unet
