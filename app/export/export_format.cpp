#include "app/export/export_format.h"

#include <torch/torch.h>

#include "app/checkpoint/checkpoint.h"

namespace unet {

const Registry<ExportFormat>& export_formats() {
  static const Registry<ExportFormat> table{
      "export format",
      {{"torchscript", "runs in C++ and Python: torch.jit.load", make_torchscript_format},
       {"onnx", "runs in ONNX Runtime and many others", make_onnx_format},
       {"state_dict", "weights for a PyTorch module: torch.load(FILE, weights_only=True)", make_state_dict_format},
       {"safetensors", "weights, with metadata as text", make_safetensors_format}}};
  return table;
}

Forward forward_of_weights(const Graph& graph, const TensorMap& weights, const std::string& name) {
  Network network(graph);
  load_weights(*network, weights, name);
  network->eval();
  return [network](const torch::Tensor& images) mutable { return network->forward(images); };
}

}  // namespace unet
