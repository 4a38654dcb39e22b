#pragma once

#include <string>

#include "app/export/export_format.h"

namespace unet {

/// Returns the forward pass of an ONNX model with one input and one output, computed with LibTorch's operations as ONNX
/// specifies them. Independent of the exporter, so that each checks the other. Supports the operations that this
/// program writes. Both this function and the one it returns throw Error(data) for a damaged file or an unsupported
/// operation. `name` is for messages.
/// Source: https://onnx.ai/onnx/operators, opset 13.
Forward onnx_interpreter(const std::string& bytes, const std::string& name);

}  // namespace unet
