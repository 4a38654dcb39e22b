#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace unet {

using TensorMap = std::map<std::string, torch::Tensor>;

/// Content of a safetensors file: named CPU tensors and text metadata.
/// Source of the format: https://huggingface.co/docs/safetensors.
struct Safetensors {
  TensorMap tensors;
  std::map<std::string, std::string> metadata;
};

/// Writes the bytes of the file. Equal content gives equal bytes, since names are sorted.
std::string to_bytes(const Safetensors& content);

/// Parses bytes without executing anything. `name` is for messages. Throws Error(data) for a header over 100 MB, broken
/// JSON, duplicate names, an unknown dtype, a shape that does not match its byte range, and ranges that overlap, leave
/// gaps or end beyond the file.
Safetensors from_bytes(const std::string& bytes, const std::string& name);

/// Reads a safetensors file. Throws Error(missing_input), Error(io), Error(data).
Safetensors read_safetensors(const std::string& path);

}  // namespace unet
