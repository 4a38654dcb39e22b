#include "models/execution/inference_plan.h"

#include <torch/nn.h>
#include <torch/utils.h>

#include "models/execution/fusion.h"
#include "models/fused/convolution/packed_convolution.h"
#include "models/fused/transposed_convolution/transposed_convolution.h"
#include "models/graph/costs.h"

namespace unet {
namespace {

namespace nn = torch::nn;
using Tensors = std::vector<torch::Tensor>;

/// Weight (out,...) and bias (out) of a convolution; the bias may be undefined.
struct Parameters {
  torch::Tensor weight, bias;
};

/// Returns the parameters of a convolution that equals norm(conv(x)) with the norm's running statistics.
Parameters fold_batch_norm(const Parameters& conv, const nn::BatchNorm2dImpl& norm) {
  const auto scale = norm.weight / (norm.running_var + norm.options.eps()).sqrt();
  const auto bias = conv.bias.defined() ? conv.bias - norm.running_mean : -norm.running_mean;
  return {conv.weight * scale.view({-1, 1, 1, 1}), norm.bias + bias * scale};
}

class RegionMaker {
 public:
  RegionMaker(const NetworkImpl& network, const std::vector<int64_t>& images,
              const PackedConvolution::Settings& settings)
      : network_(network),
        batch_(images[0]),
        costs_(node_costs(network.graph(), images[2], images[3])),
        settings_(settings) {}

  FusedRegion make(const Fusion& fusion) const {
    return fusion.kind == Fusion::Kind::convolution ? convolution(fusion) : upsample(fusion);
  }

 private:
  FusedRegion convolution(const Fusion& fusion) const {
    const auto& o = std::get<op::Conv2d>(network_.graph().nodes()[fusion.first].op);
    const auto& own = *network_.module_of(fusion.first)->as<nn::Conv2d>();
    Parameters parameters{own.weight, own.bias};
    PackedConvolution::Settings settings = settings_;
    settings.stride = {o.stride, o.stride};
    settings.padding = {o.padding, o.padding};
    settings.dilation = {o.dilation, o.dilation};
    settings.groups = o.groups;
    for (size_t i = fusion.first + 1; i < fusion.last; ++i)
      if (const nn::Module* norm = network_.module_of(i))
        parameters = fold_batch_norm(parameters, *norm->as<nn::BatchNorm2d>());
      else
        settings.relu = true;
    const auto packed =
        std::make_shared<PackedConvolution>(settings, parameters.weight, parameters.bias, input_of(fusion.first));
    return {fusion.last, [packed](const Tensors& inputs, Pass) { return packed->run(inputs[0]); }};
  }

  FusedRegion upsample(const Fusion& fusion) const {
    const auto o = std::get<op::ConvTranspose2d>(network_.graph().nodes()[fusion.first].op);
    const auto& own = *network_.module_of(fusion.first)->as<nn::ConvTranspose2d>();
    if (own.weight.is_cuda()) return plain_upsample(o, own, fusion.last);
    const PhaseConvolution phases = phase_convolution(o, own.weight, own.bias);
    PackedConvolution::Settings settings = settings_;
    settings.padding = phases.padding;
    settings.groups = o.groups;
    const auto packed =
        std::make_shared<PackedConvolution>(settings, phases.weight, phases.bias, input_of(fusion.first));
    return {fusion.last, [packed, o, dtype = settings.dtype](const Tensors& inputs, Pass) {
              const auto skip = inputs.size() > 1 ? inputs[1].to(dtype) : torch::Tensor();
              return join_phases(o, inputs[0], packed->run(phase_input(o, inputs[0])), skip);
            }};
  }

  /// cuDNN only needs the weights in its compute type.
  FusedRegion plain_upsample(const op::ConvTranspose2d& o, const nn::ConvTranspose2dImpl& own, size_t last) const {
    const auto weight = own.weight.to(settings_.dtype).contiguous(settings_.memory_format);
    const auto bias = own.bias.defined() ? own.bias.to(settings_.dtype) : own.bias;
    return {last, [o, weight, bias](const Tensors& inputs, Pass) {
              const auto y = torch::conv_transpose2d(inputs[0].to(weight.scalar_type()), weight, bias, o.stride,
                                                     o.padding, o.output_padding, o.groups, o.dilation);
              return inputs.size() > 1 ? torch::cat({inputs[1].to(y.scalar_type()), y}, 1) : y;
            }};
  }

  std::vector<int64_t> input_of(size_t node) const {
    const ImageShape& shape = costs_[network_.graph().nodes()[node].inputs[0].node].shape;
    return {batch_, shape.channels, shape.height, shape.width};
  }

  const NetworkImpl& network_;
  int64_t batch_;
  std::vector<NodeCost> costs_;
  PackedConvolution::Settings settings_;
};

}  // namespace

ExecutionPlan inference_plan(const NetworkImpl& network, const std::vector<int64_t>& images, torch::ScalarType dtype,
                             torch::MemoryFormat memory_format) {
  const torch::NoGradGuard no_grad;
  PackedConvolution::Settings settings;
  settings.dtype = dtype;
  settings.memory_format = memory_format;
  const RegionMaker maker(network, images, settings);
  ExecutionPlan plan;
  for (const Fusion& fusion : inference_fusions(network.graph())) plan[fusion.first] = maker.make(fusion);
  return plan;
}

}  // namespace unet
