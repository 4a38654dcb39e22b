#include "models/graph/operations/script_node.h"

#include "configs/schema/error.h"

namespace unet {

std::string ScriptNode::size(size_t index, size_t dimension) const {
  return concat(input(index), ".size(", dimension, ")");
}

std::string ScriptNode::list(const PerAxis& values) { return concat("[", values[0], ", ", values[1], "]"); }

std::string ScriptNode::real(double value) {
  std::string text = concat(value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

}  // namespace unet
