#include <caffe2/serialize/inline_container.h>
#include <torch/types.h>

#include "app/checkpoint/checkpoint.h"
#include "app/export/export_format.h"
#include "app/pytorch_files/pickle_writer.h"
#include "app/pytorch_files/torch_file.h"

namespace unet {
namespace {

class StateDictFormat : public ExportFormat {
 public:
  std::string to_bytes(const NetworkImpl& network, const Metadata&) const override {
    std::string bytes;
    caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, size_t size) {
      bytes.append(static_cast<const char*>(data), size);
      return size;
    });
    PickleWriter pickle;
    size_t key = 0;
    pickle.begin_ordered_dict();
    for (const auto& [name, tensor] : weights_of(network)) {
      const auto plain = tensor.contiguous();
      const std::string storage = std::to_string(key++);
      pickle.text(name);
      pickle.tensor(plain, storage);
      writer.writeRecord("data/" + storage, plain.data_ptr(), plain.nbytes());
    }
    pickle.end_ordered_dict();
    const std::string text = pickle.finish();
    writer.writeRecord("data.pkl", text.data(), text.size());
    writer.writeEndOfFile();
    return bytes;
  }

  Forward read(const std::string& bytes, const std::string& name, const Graph& graph) const override {
    return forward_of_weights(graph, tensors_from_torch_file(bytes, name), name);
  }
};

}  // namespace

Polymorphic<ExportFormat> make_state_dict_format() { return make_row<ExportFormat, StateDictFormat>(); }

}  // namespace unet
