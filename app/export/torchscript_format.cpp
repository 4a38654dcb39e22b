#include <torch/nn/module.h>
#include <torch/script.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/export/export_format.h"
#include "configs/schema/error.h"
#include "models/graph/torchscript_source.h"

namespace unet {
namespace {

constexpr const char* kRootType = "__torch__.UNet";
constexpr const char* kMetadataFile = "metadata.json";

/// Returns script modules that hold the tensors of a network but no methods. All their types are in one compilation
/// unit, so each needs a unique name: its path.
torch::jit::Module script_modules(const torch::nn::Module& module, const std::string& type,
                                  const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  torch::jit::Module script(c10::QualifiedName(type), unit);
  script.register_attribute("training", c10::BoolType::get(), false);
  for (const auto& item : module.named_parameters(/*recurse=*/false))
    script.register_parameter(item.key(), item.value().detach().contiguous(), /*is_buffer=*/false);
  for (const auto& item : module.named_buffers(/*recurse=*/false))
    script.register_buffer(item.key(), item.value().detach().contiguous());
  for (const auto& item : module.named_children())
    script.register_module(item.key(), script_modules(*item.value(), type + "_" + item.key(), unit));
  return script;
}

std::string metadata_json(const Metadata& metadata) {
  nlohmann::json document;
  for (const auto& [key, value] : metadata) document[key] = nlohmann::json::parse(value);
  return document.dump(2);
}

class TorchscriptFormat : public ExportFormat {
 public:
  std::string to_bytes(const NetworkImpl& network, const Metadata& metadata) const override {
    auto module = script_modules(network, kRootType, std::make_shared<torch::jit::CompilationUnit>());
    module.define(torchscript_source(network.graph()));
    std::ostringstream stream;
    module.save(stream, {{kMetadataFile, metadata_json(metadata)}});
    return stream.str();
  }

  Forward read(const std::string& bytes, const std::string& name, const Graph&) const override {
    try {
      std::istringstream stream(bytes);
      auto module = torch::jit::load(stream);
      module.eval();
      return [module](const torch::Tensor& images) mutable { return module.forward({images}).toTensor(); };
    } catch (const c10::Error& error) {
      fail(ErrorKind::data, name, ": cannot be read: ", error.what_without_backtrace());
    }
  }
};

}  // namespace

Polymorphic<ExportFormat> make_torchscript_format() { return make_row<ExportFormat, TorchscriptFormat>(); }

}  // namespace unet
