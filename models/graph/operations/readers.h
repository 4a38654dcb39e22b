#pragma once

#include <cstdint>
#include <string>

#include "configs/schema/per_axis.h"
#include "models/graph/operations/tensor_spec.h"
#include "models/graph/operations/traits.h"

namespace unet {

class InputChannels;
class ScriptNode;
class TraceInputs;
struct Trace;

// Every operation defines these six functions; a graph that holds one without them does not compile.
//
//   int64_t output_channels(const InputChannels& in) const;   throws Error(internal) if the inputs do not fit
//   Trace trace(const TraceInputs& in) const;                 shape, receptive field and multiply-adds of the output
//   TensorSpecs tensors() const;                              parameters and buffers of the LibTorch module
//   std::string torchscript(const ScriptNode& node) const;    expression that computes it in evaluation mode
//   std::string text() const;                                 name and settings to print, e.g. "conv 3x3"
//   OperationTraits traits() const;
//
// LibTorch runs it in models/execution/operations.cpp, and app/export/onnx_operations.cpp writes it as ONNX.

}  // namespace unet
