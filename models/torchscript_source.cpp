#include "models/torchscript_source.h"

#include <sstream>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// "decoder.0.up" -> `getattr(self.decoder, "0").up`, as a number is no attribute name.
std::string module_expression(const std::string& path) {
  std::string expression = "self";
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '.');) {
    const bool is_number = part.find_first_not_of("0123456789") == std::string::npos;
    expression = is_number ? "getattr(" + expression + ", \"" + part + "\")" : expression + "." + part;
  }
  return expression;
}

std::string value_name(size_t node) { return concat("v", node); }

std::string activation(op::ActivationKind kind, const std::string& x) {
  const char* slope = kind == op::ActivationKind::leaky_relu ? ", 0.01" : "";
  return concat("torch.", op::activation_name(kind), "(", x, slope, ")");
}

std::string norm(const op::Norm& o, const std::string& x, const std::string& module) {
  const std::string affine = concat(module, ".weight, ", module, ".bias");
  switch (o.kind) {
    case op::NormKind::batch:
      return concat("torch.batch_norm(", x, ", ", affine, ", ", module, ".running_mean, ", module,
                    ".running_var, False, 0.1, 1e-05, False)");
    case op::NormKind::instance:
      return concat("torch.instance_norm(", x, ", ", affine, ", None, None, True, 0.1, 1e-05, False)");
    case op::NormKind::group:
      return concat("torch.group_norm(", x, ", ", o.groups, ", ", affine, ", 1e-05, False)");
  }
  fail(ErrorKind::internal, "[torchscript] a norm without source text");
}

/// The expression that computes one node. Every Op has its overload, so that a new one does not compile without.
class Expression {
 public:
  explicit Expression(const Node& node) : node_(node), module_(module_expression(node.name)) {}

  std::string operator()(const op::Input&) const { return "image"; }
  std::string operator()(const op::Conv2d& o) const {
    return concat("torch.conv2d(", input(0), ", ", module_, ".weight, ", bias(o.bias), ", [1, 1], [", o.padding, ", ",
                  o.padding, "], [1, 1], 1)");
  }
  std::string operator()(const op::ConvTranspose2d& o) const {
    return concat("torch.conv_transpose2d(", input(0), ", ", module_, ".weight, ", bias(o.bias), ", [", o.stride, ", ",
                  o.stride, "], [0, 0], [0, 0], 1, [1, 1])");
  }
  std::string operator()(const op::Norm& o) const { return norm(o, input(0), module_); }
  std::string operator()(const op::Activation& o) const { return activation(o.kind, input(0)); }
  std::string operator()(const op::Dropout&) const { return input(0); }
  std::string operator()(const op::MaxPool2d&) const {
    return "torch.max_pool2d(" + input(0) + ", [2, 2], [2, 2], [0, 0], [1, 1], False)";
  }
  std::string operator()(const op::Concatenate&) const {
    std::string list;
    for (size_t i = 0; i < node_.inputs.size(); ++i) list += (i == 0 ? "" : ", ") + input(i);
    return "torch.cat([" + list + "], 1)";
  }
  std::string operator()(const op::PadToMultiple& o) const {
    return concat("torch.replication_pad2d(", input(0), ", [0, ", missing(o, 3), ", 0, ", missing(o, 2), "])");
  }
  std::string operator()(const op::CropLike&) const {
    return concat(input(0), "[:, :, 0:", input(1), ".size(2), 0:", input(1), ".size(3)]");
  }

 private:
  std::string input(size_t index) const { return value_name(node_.inputs.at(index).node); }
  std::string bias(bool has_one) const { return has_one ? module_ + ".bias" : "None"; }

  /// Rows (dimension 2) or columns (3) to be added.
  std::string missing(const op::PadToMultiple& o, int dimension) const {
    const std::string size = concat(input(0), ".size(", dimension, ")");
    return concat("max((", size, " + ", o.multiple - 1, ") // ", o.multiple, " * ", o.multiple, ", ", o.minimum, ") - ",
                  size);
  }

  const Node& node_;
  std::string module_;
};

}  // namespace

std::string torchscript_source(const Graph& graph) {
  const auto& nodes = graph.nodes();
  std::string text = "def forward(self, image):\n";
  for (size_t i = 0; i < nodes.size(); ++i)
    text += concat("  ", value_name(i), " = ", std::visit(Expression(nodes[i]), nodes[i].op), "\n");
  return text + "  return " + value_name(nodes.size() - 1) + "\n";
}

}  // namespace unet
