#include "models/graph/operations/activation.h"

#include "configs/schema/error.h"
#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

const char* activation_name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu:
      return "relu";
    case ActivationKind::leaky_relu:
      return "leaky_relu";
    case ActivationKind::elu:
      return "elu";
    case ActivationKind::silu:
      return "silu";
    case ActivationKind::gelu:
      return "gelu";
    case ActivationKind::prelu:
      return "prelu";
    case ActivationKind::sigmoid:
      return "sigmoid";
  }
  fail(ErrorKind::internal, "[graph] an activation without a name");
}

int64_t Activation::output_channels(const InputChannels& in) const { return in[0]; }

Trace Activation::trace(const TraceInputs& in) const { return in.pointwise(); }

TensorSpecs Activation::tensors() const {
  return kind == ActivationKind::prelu ? weight_and_bias({1}, /*has_bias=*/false, 0) : TensorSpecs();
}

std::string Activation::torchscript(const ScriptNode& node) const {
  const auto call = [&](const std::string& argument) {
    return concat("torch.", activation_name(kind), "(", node.input(0), argument, ")");
  };
  switch (kind) {
    case ActivationKind::leaky_relu:
      return call(", " + ScriptNode::real(negative_slope));
    case ActivationKind::elu:
      return call(", " + ScriptNode::real(alpha));
    case ActivationKind::prelu:
      return call(", " + node.tensor("weight"));
    case ActivationKind::relu:
    case ActivationKind::silu:
    case ActivationKind::gelu:
    case ActivationKind::sigmoid:
      return call("");
  }
  fail(ErrorKind::internal, "[torchscript] an activation without source text");
}

std::string Activation::text() const { return activation_name(kind); }

OperationTraits Activation::traits() const {
  OperationTraits traits;
  if (kind == ActivationKind::relu) traits.fusion = FusionRole::relu;
  traits.extends_layer = true;
  return traits;
}

}  // namespace unet::op
