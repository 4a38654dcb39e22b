#include "models/graph/torchscript_source.h"

#include <sstream>

#include "configs/schema/error.h"
#include "models/graph/operations/script_node.h"

namespace unet {
namespace {

/// "decoder.0.up" -> `getattr(self.decoder, "0").up`, since a number cannot be an attribute name.
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

}  // namespace

std::string torchscript_source(const Graph& graph) {
  const auto& nodes = graph.nodes();
  std::string text = "def forward(self, image):\n";
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::vector<std::string> inputs;
    for (const Value& input : nodes[i].inputs) inputs.push_back(value_name(input.node));
    const ScriptNode node(module_expression(nodes[i].name), std::move(inputs));
    const std::string expression = std::visit([&](const auto& o) { return o.torchscript(node); }, nodes[i].op);
    text += concat("  ", value_name(i), " = ", expression, "\n");
  }
  return text + "  return " + value_name(nodes.size() - 1) + "\n";
}

}  // namespace unet
