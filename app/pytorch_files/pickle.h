#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unet {

/// A tensor as a pickle describes it: a view of a storage. The bytes of the storage are not in the pickle.
struct PickledTensor {
  std::string storage;  ///< key of the storage
  torch::ScalarType type = torch::kFloat;
  int64_t storage_elements = 0;
  int64_t offset = 0;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
};

/// One value of a pickle. Values refer to each other by index in Pickle::objects.
struct PickledObject {
  enum class Kind { none, boolean, integer, real, text, tuple, list, dict, global, storage, tensor };
  Kind kind = Kind::none;
  int64_t number = 0;         ///< for integer and boolean
  std::string text;           ///< for text; for global, "module.name"
  std::vector<size_t> items;  ///< for tuple and list; for dict, keys and values alternately
  PickledTensor tensor = {};  ///< for storage and tensor
};

/// The values of a pickle.
struct Pickle {
  std::vector<PickledObject> objects;
  size_t root = 0;
  size_t end = 0;  ///< number of bytes read

  const PickledObject& at(size_t index) const { return objects.at(index); }
};

/// Reads the pickle at the beginning of `bytes` as data, without calling anything. Supports numbers, text, tuples,
/// lists, dicts and tensors; any other GLOBAL is rejected by name. Throws Error(data), also for more than a million
/// values. `name` is the file in messages. Source of the format: CPython's pickletools.py.
Pickle read_pickle(std::string_view bytes, const std::string& name);

}  // namespace unet
