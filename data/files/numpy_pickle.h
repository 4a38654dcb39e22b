#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unet {

/// A NumPy array as a file stores it.
struct StoredArray {
  std::vector<int64_t> shape;
  char kind = 'u';  ///< as NumPy has it: b boolean, u unsigned, i signed
  int bytes_per_value = 1;
  bool is_big_endian = false;
  bool is_column_major = false;
  std::string bytes;  ///< as many as shape and type need
};

/// Reads the array of integers that a dict holds under `key`, from a file that numpy.save wrote of the dict, such as
/// the _seg.npy of Cellpose. The pickle in it is read as data: nothing that it names is called. Throws
/// Error(missing_input), Error(data). Source of the formats: numpy.lib.format, CPython's pickletools.py.
StoredArray read_pickled_array(const std::string& path, const std::string& key);

}  // namespace unet
