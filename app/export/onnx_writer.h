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

/// Writes an ONNX model, a part at a time, as protocol buffers.
class OnnxWriter {
 public:
  OnnxWriter() : graph_(graph_bytes_) {}
  OnnxWriter(const OnnxWriter&) = delete;
  OnnxWriter& operator=(const OnnxWriter&) = delete;

  /// An operation with one output, which is returned; the node has the output's name. An input "" is left out.
  std::string node(const std::string& op_type, const std::vector<std::string>& inputs, const std::string& output,
                   const OnnxAttributes& attributes = {});

  /// A tensor of the model, float or int64; its name is returned.
  std::string initializer(const std::string& name, const torch::Tensor& values);

  /// A list of whole numbers. Equal lists share one initializer, whose name is returned.
  std::string integers(const std::vector<int64_t>& values);

  /// One whole number, as a tensor without dimensions.
  std::string integer(int64_t value);

  /// Declares a float tensor (batch,channels,height,width) as what goes in or comes out.
  void input(const std::string& name, int64_t channels);
  void output(const std::string& name, int64_t channels);

  /// The ModelProto.
  std::string finish(const std::map<std::string, std::string>& metadata);

 private:
  std::string graph_bytes_;
  protozero::pbf_writer graph_;
  std::set<std::string> constants_;
};

}  // namespace unet
