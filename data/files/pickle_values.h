#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "configs/schema/error.h"

namespace unet {

/// One value of a pickle. Values refer to each other by index.
struct PickleNode {
  enum class Kind { other, integer, text, bytes, tuple, list, dict, global, call };
  Kind kind = Kind::other;
  int64_t number = 0;
  std::string_view text{};      ///< of text and bytes; of a global, its last name
  std::vector<size_t> items{};  ///< of a dict, keys and values in turn; of a call, what is called and its arguments
  std::vector<size_t> state{};  ///< what the file would restore in the result of a call
};

/// The values of a pickle.
struct PickleValues {
  std::string name;  ///< file, for messages
  std::vector<PickleNode> nodes{};
  size_t root = 0;  ///< index of the value that the pickle is

  const PickleNode& at(size_t index) const { return nodes.at(index); }

  /// Throws Error(data) "NAME: ...".
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::data, name, ": ", parts...,
         ". Expected a file that Cellpose saved; save the masks as images (File, Save masks as PNG)");
  }
};

/// Reads a pickle as data: calls are kept as values, none is made. `bytes` must outlive the values. Throws Error(data),
/// also for more than a million values. Source of the format: CPython's pickletools.py.
PickleValues read_pickle_values(std::string_view bytes, const std::string& name);

}  // namespace unet
