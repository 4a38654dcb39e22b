#pragma once

namespace unet {

struct ExportFormatName {
  const char* name;
  const char* meaning;  ///< one line of help
};

// The command line lists the formats without linking their code (see export_format.h).
inline constexpr ExportFormatName kTorchscriptFormat{"torchscript", "runs in C++ and Python: torch.jit.load"};
inline constexpr ExportFormatName kOnnxFormat{"onnx", "runs in ONNX Runtime and many others"};
inline constexpr ExportFormatName kStateDictFormat{"state_dict",
                                                   "weights for a PyTorch module: torch.load(FILE, weights_only=True)"};
inline constexpr ExportFormatName kSafetensorsFormat{"safetensors", "weights, with metadata as text"};
inline constexpr ExportFormatName kExportFormats[] = {kTorchscriptFormat, kOnnxFormat, kStateDictFormat,
                                                      kSafetensorsFormat};

}  // namespace unet
