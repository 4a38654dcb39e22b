#pragma once

#include <string>

#include "app/export/export_format.h"

namespace unet {

/// Runs an ONNX model of one input and one output with LibTorch's operations, each as ONNX specifies it. Independent of
/// the exporter, so that each checks the other. Knows the operations that this program writes. Throws Error(data), also
/// when run, for a damaged file or an unknown operation. `name` is for messages.
/// Source: https://onnx.ai/onnx/operators, opset 13.
Forward onnx_interpreter(const std::string& bytes, const std::string& name);

}  // namespace unet
