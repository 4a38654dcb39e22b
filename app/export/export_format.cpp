#include "app/export/export_format.h"

#include <torch/types.h>

#include "app/checkpoint/checkpoint.h"
#include "app/export/format_names.h"

namespace unet {
namespace {

Registry<ExportFormat>::Row row(const ExportFormatName& format, Polymorphic<ExportFormat> (*make)()) {
  return {format.name, format.meaning, make};
}

}  // namespace

const Registry<ExportFormat>& export_formats() {
  static const Registry<ExportFormat> table{
      "export format",
      {row(kTorchscriptFormat, make_torchscript_format), row(kOnnxFormat, make_onnx_format),
       row(kStateDictFormat, make_state_dict_format), row(kSafetensorsFormat, make_safetensors_format)}};
  return table;
}

Forward forward_of_weights(const Graph& graph, const TensorMap& weights, const std::string& name) {
  Network network(graph);
  load_weights(*network, weights, name);
  network->eval();
  return [network](const torch::Tensor& images) mutable { return network->forward(images); };
}

}  // namespace unet
