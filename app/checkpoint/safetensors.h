#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace unet {

using TensorMap = std::map<std::string, torch::Tensor>;

/// A safetensors file in memory: named CPU tensors and text metadata.
/// Source of the format: https://huggingface.co/docs/safetensors.
struct Safetensors {
  TensorMap tensors;
  std::map<std::string, std::string> metadata;
};

/// The bytes of the file: the same tensors and metadata give the same bytes (names sorted).
std::string to_bytes(const Safetensors& content);

/// Parses bytes without executing anything. `name` is for messages. Throws Error(data): header over 100 MB,
/// broken JSON, duplicate names, an unknown dtype, a shape that does not match its byte range, ranges that
/// overlap, leave holes or end beyond the file.
Safetensors from_bytes(const std::string& bytes, const std::string& name);

/// Throws Error(missing_input), Error(io), Error(data).
Safetensors read_safetensors(const std::string& path);

}  // namespace unet
