#include <torch/types.h>

#include "app/checkpoint/checkpoint.h"
#include "app/export/export_format.h"
#include "app/export/onnx_interpreter.h"
#include "app/export/onnx_operations.h"
#include "app/export/onnx_writer.h"

namespace unet {
namespace {

constexpr const char* kInput = "image";
constexpr const char* kOutput = "logits";
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int32_t>::max();

class OnnxFormat : public ExportFormat {
 public:
  std::string to_bytes(const NetworkImpl& network, const Metadata& metadata) const override {
    const auto& nodes = network.graph().nodes();
    const TensorMap weights = weights_of(network);
    const auto value_name = [&](size_t i) {
      return i == 0 ? std::string(kInput) : i == nodes.size() - 1 ? std::string(kOutput) : nodes[i].name;
    };
    OnnxWriter onnx;
    for (size_t i = 0; i < nodes.size(); ++i) {
      std::vector<std::string> inputs;
      for (const Value& input : nodes[i].inputs) inputs.push_back(value_name(input.node));
      write_onnx_node(onnx, weights, nodes[i], inputs, value_name(i));
    }
    onnx.output(kOutput, nodes.back().channels);
    return onnx.finish(metadata);
  }

  Forward read(const std::string& bytes, const std::string& name, const Graph&) const override {
    return onnx_interpreter(bytes, name);
  }

  int64_t max_bytes() const override { return kMaxMessageBytes - (1 << 20); }  // leaves room for names
};

}  // namespace

Polymorphic<ExportFormat> make_onnx_format() { return make_row<ExportFormat, OnnxFormat>(); }

}  // namespace unet
