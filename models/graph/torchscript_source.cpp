#include "models/graph/torchscript_source.h"

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

std::string activation(op::ActivationKind kind, const std::string& x, const std::string& module) {
  const std::string slope = kind == op::ActivationKind::leaky_relu ? ", 0.01"
                            : kind == op::ActivationKind::prelu    ? ", " + module + ".weight"
                                                                   : "";
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
    return concat("torch.conv2d(", input(0), ", ", module_, ".weight, ", bias(o.bias), ", ", square(o.stride), ", ",
                  square(o.padding), ", ", square(o.dilation), ", ", o.groups, ")");
  }
  std::string operator()(const op::ConvTranspose2d& o) const {
    return concat("torch.conv_transpose2d(", input(0), ", ", module_, ".weight, ", bias(o.bias), ", ", list(o.stride),
                  ", ", list(o.padding), ", ", list(o.output_padding), ", ", o.groups, ", ", list(o.dilation), ")");
  }
  std::string operator()(const op::Norm& o) const { return norm(o, input(0), module_); }
  std::string operator()(const op::Activation& o) const { return activation(o.kind, input(0), module_); }
  std::string operator()(const op::Dropout&) const { return input(0); }
  std::string operator()(const op::MaxPool2d& o) const {
    return concat("torch.max_pool2d(", input(0), ", ", list(o.kernel_size), ", ", list(o.stride), ", ",
                  square(o.padding), ", [1, 1], False)");
  }
  std::string operator()(const op::GlobalAvgPool2d&) const {
    return "torch.adaptive_avg_pool2d(" + input(0) + ", [1, 1])";
  }
  std::string operator()(const op::Concatenate&) const {
    std::string list;
    for (size_t i = 0; i < node_.inputs.size(); ++i) list += (i == 0 ? "" : ", ") + input(i);
    return "torch.cat([" + list + "], 1)";
  }
  std::string operator()(const op::Add&) const { return concat(input(0), " + ", input(1)); }
  std::string operator()(const op::Multiply&) const { return concat(input(0), " * ", input(1)); }
  std::string operator()(const op::Interpolate& o) const {
    const std::string sizes = concat("[", size(0, 2), " * ", o.factor[0], ", ", size(0, 3), " * ", o.factor[1], "]");
    if (o.mode == op::InterpolateMode::nearest) return concat("torch.upsample_nearest2d(", input(0), ", ", sizes, ")");
    return concat("torch.upsample_bilinear2d(", input(0), ", ", sizes, ", ", o.align_corners ? "True)" : "False)");
  }
  std::string operator()(const op::PixelShuffle& o) const {
    return concat("torch.pixel_shuffle(", input(0), ", ", o.factor, ")");
  }
  std::string operator()(const op::Pad& o) const {
    if (o.mirror)
      return concat("torch.index_select(torch.index_select(", input(0), ", 2, ", mirrored(o, 0), "), 3, ",
                    mirrored(o, 1), ")");
    return concat("torch.replication_pad2d(", input(0), ", [0, ", missing(o, 1), ", 0, ", missing(o, 0), "])");
  }
  std::string operator()(const op::CropLike& o) const {
    return concat(input(0), "[:, :, ", part(o, 2), ", ", part(o, 3), "]");
  }

 private:
  std::string input(size_t index) const { return value_name(node_.inputs.at(index).node); }
  std::string bias(bool has_one) const { return has_one ? module_ + ".bias" : "None"; }

  static std::string list(const PerAxis& values) { return concat("[", values[0], ", ", values[1], "]"); }
  static std::string square(int64_t value) { return list({value, value}); }
  std::string size(size_t index, int dimension) const { return concat(input(index), ".size(", dimension, ")"); }

  /// Rows (axis 0) or columns (1) to be added at the bottom or right. See padded_size.
  std::string missing(const op::Pad& o, size_t axis) const {
    const std::string image = size(0, static_cast<int>(axis) + 2);
    const int64_t multiple = o.multiple[axis], remainder = o.remainder[axis];
    return concat("(max(", image, ", ", o.minimum[axis], ") - ", remainder, " + ", multiple - 1, ") // ", multiple,
                  " * ", multiple, " + ", remainder + o.margin[axis], " - ", image);
  }

  /// The places of a side that is reflected at its ends without end.
  std::string mirrored(const op::Pad& o, size_t axis) const {
    const std::string image = size(0, static_cast<int>(axis) + 2);
    const std::string period = concat("max(1, 2 * (", image, " - 1))");
    const std::string places = concat("torch.remainder(torch.abs(torch.arange(", -o.margin[axis], ", ", image, " + ",
                                      missing(o, axis), ", device=", input(0), ".device)), ", period, ")");
    return concat("torch.minimum(", places, ", ", period, " - ", places, ")");
  }

  /// A slice of one dimension of the first input, as large as the second.
  std::string part(const op::CropLike& o, int dimension) const {
    const std::string begin =
        o.center ? concat("(", size(0, dimension), " - ", size(1, dimension), ") // 2") : std::string("0");
    return concat(begin, ":", begin, " + ", size(1, dimension));
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
