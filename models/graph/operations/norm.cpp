#include "models/graph/operations/norm.h"

#include "configs/schema/error.h"
#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

int64_t Norm::output_channels(const InputChannels& in) const {
  in.expect(channels);
  return channels;
}

Trace Norm::trace(const TraceInputs& in) const { return in.pointwise(); }

TensorSpecs Norm::tensors() const {
  TensorSpecs specs = weight_and_bias({channels}, /*has_bias=*/true, channels);
  if (kind == NormKind::batch) {
    specs["running_mean"] = specs["running_var"] = {{channels}, /*is_parameter=*/false};
    specs["num_batches_tracked"] = {{}, /*is_parameter=*/false};
  }
  return specs;
}

std::string Norm::torchscript(const ScriptNode& node) const {
  const std::string affine = concat(node.tensor("weight"), ", ", node.tensor("bias"));
  const std::string momentum_and_eps = concat(ScriptNode::real(momentum), ", ", ScriptNode::real(eps));
  switch (kind) {
    case NormKind::batch:
      return concat("torch.batch_norm(", node.input(0), ", ", affine, ", ", node.tensor("running_mean"), ", ",
                    node.tensor("running_var"), ", False, ", momentum_and_eps, ", False)");
    case NormKind::instance:
      return concat("torch.instance_norm(", node.input(0), ", ", affine, ", None, None, True, ", momentum_and_eps,
                    ", False)");
    case NormKind::group:
      return concat("torch.group_norm(", node.input(0), ", ", groups, ", ", affine, ", ", ScriptNode::real(eps),
                    ", False)");
  }
  fail(ErrorKind::internal, "[torchscript] a norm without source text");
}

std::string Norm::text() const {
  switch (kind) {
    case NormKind::batch:
      return "batch norm";
    case NormKind::instance:
      return "instance norm";
    case NormKind::group:
      return concat("group norm ", groups, " groups");
  }
  fail(ErrorKind::internal, "[graph] a norm without a text");
}

OperationTraits Norm::traits() const {
  OperationTraits traits;
  if (kind == NormKind::batch) traits.fusion = FusionRole::batch_norm;
  traits.extends_layer = true;
  return traits;
}

}  // namespace unet::op
