#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "configs/schema/registry.h"
#include "models/execution/network.h"

namespace unet {

/// What a program that runs the model without this one must know, by name; every value is JSON.
using Metadata = std::map<std::string, std::string>;

/// What a model computes: images (N,C,H,W) float -> logits (N,classes,H,W) float.
using Forward = std::function<torch::Tensor(const torch::Tensor&)>;

/// One form in which models leave the program.
class ExportFormat {
 public:
  virtual ~ExportFormat() = default;

  /// The file's bytes. The network is in evaluation mode, in fp32 on the CPU.
  virtual std::string to_bytes(const NetworkImpl& network, const Metadata& metadata) const = 0;

  /// What a file of this form computes, read anew from its bytes; `graph` describes the network where the
  /// form holds only weights. `name` is for messages. Throws Error(data) for a damaged file.
  virtual Forward read(const std::string& bytes, const std::string& name, const Graph& graph) const = 0;

  /// The most bytes that a file of this form can have.
  virtual int64_t max_bytes() const { return std::numeric_limits<int64_t>::max(); }
};

const Registry<ExportFormat>& export_formats();

Polymorphic<ExportFormat> make_torchscript_format();
Polymorphic<ExportFormat> make_onnx_format();
Polymorphic<ExportFormat> make_state_dict_format();
Polymorphic<ExportFormat> make_safetensors_format();

/// `weights` in a fresh network of this description. Throws Error(data) where they do not fit.
Forward forward_of_weights(const Graph& graph, const std::map<std::string, torch::Tensor>& weights,
                           const std::string& name);

}  // namespace unet
