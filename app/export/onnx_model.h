#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// One operation of an ONNX model.
struct OnnxNode {
  std::string op_type;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, int64_t> numbers;
  std::map<std::string, double> reals;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::vector<int64_t>> lists;
};

/// The parts of an ONNX model that this program writes.
struct OnnxModel {
  int64_t ir_version = 0;
  int64_t opset = 0;
  std::vector<OnnxNode> nodes;
  TensorMap initializers;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::string> metadata;
};

/// Parses a ModelProto. Throws Error(data) if it is damaged. `name` is for messages.
OnnxModel parse_onnx(std::string_view bytes, const std::string& name);

}  // namespace unet
