#include "models/execution/network.h"

#include <torch/nn.h>
#include <torch/utils.h>

#include <cmath>
#include <sstream>

#include "models/execution/operations.h"
#include "models/execution/training_plan.h"
#include "models/unet/parts.h"

namespace unet {
namespace {

namespace nn = torch::nn;
using ModulePtr = std::shared_ptr<nn::Module>;
using Tensors = std::vector<torch::Tensor>;

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
  training_plan_ = training_plan(*this);
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
  for (size_t i = checkpointed_.size(); i-- > 0;)
    if (graph_.nodes()[checkpointed_[i].first].part == kDecoderPart) {
      checkpointed_.erase(checkpointed_.begin() + static_cast<ptrdiff_t>(i));
      break;
    }
}

const ExecutionPlan& NetworkImpl::plan() const {
  static const ExecutionPlan none;
  return is_training() && kernels_ == KernelChoice::fused ? training_plan_ : none;
}

torch::Tensor NetworkImpl::forward(const torch::Tensor& images) { return forward(images, plan()); }

torch::Tensor NetworkImpl::forward(const torch::Tensor& images, const ExecutionPlan& plan) {
  Tensors values(graph_.nodes().size());
  values.front() = images;
  run_all(values, needed_, plan);
  return values.back();
}

Tensors NetworkImpl::forward_all(const torch::Tensor& images) {
  Tensors values(graph_.nodes().size());
  values.front() = images;
  run_all(values, all_, plan());
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
  run_nodes(0, node + 1, wanted, {}, values, Pass::first);
  return values[node];
}

void NetworkImpl::run_all(Tensors& values, const std::vector<bool>& wanted, const ExecutionPlan& plan) {
  size_t next = 1;
  if (is_training() && torch::GradMode::is_enabled())
    for (const Block& block : checkpointed_) {
      if (!wanted[block.first]) continue;
      run_nodes(next, block.first, wanted, plan, values, Pass::first);
      run_checkpointed(block, values);
      next = block.last;
    }
  run_nodes(next, values.size(), wanted, plan, values, Pass::first);
}

void NetworkImpl::run_nodes(size_t first, size_t last, const std::vector<bool>& wanted, const ExecutionPlan& plan,
                            Tensors& values, Pass pass) {
  const auto& nodes = graph_.nodes();
  const RunMode mode{is_training(), pass, kernels_};
  size_t end = 0;
  for (size_t begin = first; begin < last; begin = end) {
    const auto found = plan.find(begin);
    const bool is_region = found != plan.end() && wanted[begin] && found->second.last <= last;
    end = is_region ? found->second.last : begin + 1;
    Tensors inputs;
    for (size_t i = begin; i < end; ++i)
      for (const Value& input : nodes[i].inputs)
        if (wanted[i] && input.node < begin) inputs.push_back(values[input.node]);
    for (size_t i = begin; i < end; ++i)
      for (const Value& input : nodes[i].inputs)
        if (last_use_[input.node] == i) values[input.node].reset();
    if (is_region)
      values[end - 1] = found->second.run(inputs, pass);
    else if (wanted[begin])
      values[begin] = run(nodes[begin].op, modules_[begin].get(), inputs, mode);
  }
}

void NetworkImpl::run_checkpointed(const Block& block, Tensors& values) {
  Tensors inputs;
  for (const Value& value : block.inputs) inputs.push_back(values[value.node]);
  for (const Value& value : block.inputs)
    if (last_use_[value.node] < block.last) values[value.node].reset();
  const Tensors results = checkpointed(segment_of(block), inputs);
  for (size_t i = 0; i < results.size(); ++i) values[block.outputs[i].node] = results[i];
}

Segment NetworkImpl::segment_of(const Block& block) {
  Segment segment;
  segment.requires_grad = false;
  for (size_t i = block.first; i < block.last; ++i) {
    segment.draws_random = segment.draws_random || traits_of(graph_.nodes()[i].op).draws_random;
    if (modules_[i])
      for (const auto& parameter : modules_[i]->parameters())
        segment.requires_grad = segment.requires_grad || parameter.requires_grad();
  }
  const auto self = std::static_pointer_cast<NetworkImpl>(shared_from_this());  // gradients may outlive the caller
  segment.run = [self, block](const Tensors& inputs, Pass pass) {
    Tensors values(self->graph_.nodes().size());
    for (size_t i = 0; i < block.inputs.size(); ++i) values[block.inputs[i].node] = inputs[i];
    self->run_nodes(block.first, block.last, self->all_, self->plan(), values, pass);
    Tensors results;
    for (const Value& value : block.outputs) results.push_back(values[value.node]);
    return results;
  };
  return segment;
}

namespace {

/// ICNR: copies the weights of the first pixel of a square to its other pixels, before each pixel shuffle.
void equalize_shuffled(const NetworkImpl& network) {
  for (const Node& node : network.graph().nodes()) {
    const auto* shuffle = std::get_if<op::PixelShuffle>(&node.op);
    if (shuffle == nullptr) continue;
    torch::Tensor weight = network.module_of(node.inputs[0].node)->as<nn::Conv2d>()->weight;
    const int64_t pixels = shuffle->factor * shuffle->factor;
    weight.copy_(weight.slice(0, 0, weight.size(0), pixels).clone().repeat_interleave(pixels, 0));
  }
}

}  // namespace

void initialize(NetworkImpl& network, uint64_t seed) {
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
  equalize_shuffled(network);
}

}  // namespace unet
