#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "configs/schema/registry.h"
#include "models/execution/network.h"

namespace unet {

/// Facts that other programs need to run an exported model, by name; every value is JSON.
using Metadata = std::map<std::string, std::string>;

/// Forward pass: images (N,C,H,W) float -> logits (N,classes,H,W) float.
using Forward = std::function<torch::Tensor(const torch::Tensor&)>;

/// An export format; the table is in export_format.cpp.
class ExportFormat {
 public:
  virtual ~ExportFormat() = default;

  /// Returns the bytes of the file. The network is in evaluation mode, in fp32 on the CPU.
  virtual std::string to_bytes(const NetworkImpl& network, const Metadata& metadata) const = 0;

  /// Reads a file of this format and returns its forward pass. If the format holds only weights, `graph` describes the
  /// network. `name` is for messages. Throws Error(data) for a damaged file.
  virtual Forward read(const std::string& bytes, const std::string& name, const Graph& graph) const = 0;

  /// Largest size in bytes of a file of this format.
  virtual int64_t max_bytes() const { return std::numeric_limits<int64_t>::max(); }
};

const Registry<ExportFormat>& export_formats();

Polymorphic<ExportFormat> make_torchscript_format();
Polymorphic<ExportFormat> make_onnx_format();
Polymorphic<ExportFormat> make_state_dict_format();
Polymorphic<ExportFormat> make_safetensors_format();

/// Returns the forward pass of a new network of this graph with these weights. Throws Error(data) if they do not fit.
Forward forward_of_weights(const Graph& graph, const std::map<std::string, torch::Tensor>& weights,
                           const std::string& name);

}  // namespace unet
