#include <torch/types.h>

#include "app/checkpoint/checkpoint.h"
#include "app/export/export_format.h"

namespace unet {
namespace {

class SafetensorsFormat : public ExportFormat {
 public:
  std::string to_bytes(const NetworkImpl& network, const Metadata& metadata) const override {
    return unet::to_bytes(Safetensors{weights_of(network), metadata});
  }
  Forward read(const std::string& bytes, const std::string& name, const Graph& graph) const override {
    return forward_of_weights(graph, from_bytes(bytes, name).tensors, name);
  }
};

}  // namespace

Polymorphic<ExportFormat> make_safetensors_format() { return make_row<ExportFormat, SafetensorsFormat>(); }

}  // namespace unet
