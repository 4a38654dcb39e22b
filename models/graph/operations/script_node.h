#pragma once

#include <string>
#include <vector>

#include "configs/schema/per_axis.h"

namespace unet {

/// The names by which a node's TorchScript expression reads its inputs and tensors, with helpers for writing it.
class ScriptNode {
 public:
  /// `module` is the expression of the node's module, `inputs` are names of values.
  ScriptNode(std::string module, std::vector<std::string> inputs)
      : module_(std::move(module)), inputs_(std::move(inputs)) {}

  const std::string& input(size_t index) const { return inputs_.at(index); }
  const std::vector<std::string>& inputs() const { return inputs_; }

  std::string tensor(const std::string& name) const { return module_ + "." + name; }
  std::string bias(bool has_one) const { return has_one ? tensor("bias") : "None"; }

  /// The expression for the size of an input along a dimension.
  std::string size(size_t index, size_t dimension) const;

  static std::string list(const PerAxis& values);
  static std::string square(int64_t value) { return list({value, value}); }

  /// A literal of type float.
  static std::string real(double value);

 private:
  std::string module_;
  std::vector<std::string> inputs_;
};

}  // namespace unet
