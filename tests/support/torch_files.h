#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "app/export/export_format.h"
#include "app/pytorch_files/pickle_writer.h"

namespace unet {

inline std::string little_endian_text(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

/// Pickles a list of strings.
inline std::string pickled_list(const std::vector<std::string>& texts) {
  std::string pickle("\x80\x02](");
  for (const std::string& text : texts) pickle += "X" + little_endian_text(text.size(), 4) + text;
  return pickle + "e.";
}

/// Tensors in the file format of PyTorch before 1.6; `extra` is the pickle of one more key and value.
inline std::string legacy_file(const TensorMap& tensors, const std::string& extra = "") {
  PickleWriter object;
  std::vector<std::string> keys;
  std::string storages;
  object.begin_ordered_dict();
  for (const auto& [name, tensor] : tensors) {
    const auto plain = tensor.contiguous();
    keys.push_back("key of " + name);
    object.text(name);
    object.tensor(plain, keys.back());
    storages += little_endian_text(static_cast<uint64_t>(plain.numel()), 8);
    storages.append(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
  }
  object.end_ordered_dict();
  std::string dict = object.finish();
  dict.insert(dict.size() - 2, extra);  // before the opcodes that end the dict and the pickle
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") + "\x80\x02M\xe9\x03." +
         "\x80\x02}." + dict + pickled_list(keys) + storages;
}

}  // namespace unet
