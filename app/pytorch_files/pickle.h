#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unet {

/// A tensor as a pickle tells of it: a window on a storage that lies elsewhere.
struct PickledTensor {
  std::string storage;  ///< its key
  torch::ScalarType type = torch::kFloat;
  int64_t storage_elements = 0;
  int64_t offset = 0;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
};

/// One value of a pickle. Values refer to others by their place in Pickle::objects.
struct PickledObject {
  enum class Kind { none, boolean, integer, real, text, tuple, list, dict, global, storage, tensor };
  Kind kind = Kind::none;
  int64_t number = 0;         ///< of integer and boolean
  std::string text;           ///< of text; of global "module.name"
  std::vector<size_t> items;  ///< of tuple and list; of dict the keys and values in turn
  PickledTensor tensor = {};  ///< of storage and tensor
};

struct Pickle {
  std::vector<PickledObject> objects;
  size_t root = 0;
  size_t end = 0;  ///< bytes read

  const PickledObject& at(size_t index) const { return objects.at(index); }
};

/// Reads one pickle at the beginning of `bytes` as data; nothing is ever called. Known are numbers, text, tuples,
/// lists, dicts and tensors; any other GLOBAL is refused by its name. Throws Error(data), also for a pickle of more
/// than a million values. `name` is for messages. Source of the format: CPython's pickletools.py.
Pickle read_pickle(std::string_view bytes, const std::string& name);

}  // namespace unet
