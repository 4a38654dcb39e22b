#include "app/import/weights_file.h"

#include "data/files/read_file.h"

namespace unet {

WeightsFile read_weights_file(const std::string& path) {
  const std::string bytes = read_file(path);
  // A torch file begins with 'PK' or 0x80; a safetensors file with the length of a header of less than 100 MB.
  if (bytes.size() > 8 && bytes[8] == '{') {
    Safetensors file = from_bytes(bytes, path);
    return {{std::move(file.tensors), {}}, std::move(file.metadata)};
  }
  return {read_torch_file(bytes, path), {}};
}

}  // namespace unet
