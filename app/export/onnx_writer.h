#pragma once

#include <torch/types.h>

#include <map>
#include <protozero/pbf_writer.hpp>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace unet {

using OnnxAttribute = std::variant<int64_t, float, std::string, std::vector<int64_t>>;
using OnnxAttributes = std::map<std::string, OnnxAttribute>;

/// Writes an ONNX model piece by piece as protocol buffers.
class OnnxWriter {
 public:
  OnnxWriter() : graph_(graph_bytes_) {}
  OnnxWriter(const OnnxWriter&) = delete;
  OnnxWriter& operator=(const OnnxWriter&) = delete;

  /// Adds an operation with one output and returns the name of the output, which is also the node's. An input "" stands
  /// for an omitted optional input.
  std::string node(const std::string& op_type, const std::vector<std::string>& inputs, const std::string& output,
                   const OnnxAttributes& attributes = {});

  /// Adds a tensor, float or int64, and returns its name.
  std::string initializer(const std::string& name, const torch::Tensor& values);

  /// Returns the name of an initializer with these values. Equal lists share an initializer.
  std::string integers(const std::vector<int64_t>& values);

  /// Returns the name of a scalar initializer with this value.
  std::string integer(int64_t value);

  /// Declares a float tensor (batch,channels,height,width) as the model's input or output.
  void input(const std::string& name, int64_t channels);
  void output(const std::string& name, int64_t channels);

  /// Completes the model and returns the bytes of its ModelProto.
  std::string finish(const std::map<std::string, std::string>& metadata);

 private:
  std::string graph_bytes_;
  protozero::pbf_writer graph_;
  std::set<std::string> constants_;
};

}  // namespace unet
