#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

namespace unet {

/// Writes the few opcodes of a pickle (protocol 2) that a state_dict needs.
/// Source: CPython's pickletools.py; torch/_weights_only_unpickler.py says which of them PyTorch accepts.
class PickleWriter {
 public:
  PickleWriter();

  void begin_ordered_dict();
  void text(const std::string& value);
  /// Writes a contiguous tensor whose bytes are stored under `key`.
  void tensor(const torch::Tensor& tensor, const std::string& key);
  void end_ordered_dict();

  /// Ends the pickle and returns its bytes.
  std::string finish();

 private:
  void global(const std::string& module, const std::string& name);
  void integer(int64_t value);
  void tuple(torch::IntArrayRef values);
  void empty_ordered_dict();

  std::string bytes_;
};

}  // namespace unet
