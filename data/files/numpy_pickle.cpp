#include "data/files/numpy_pickle.h"

#include <string_view>

#include "configs/schema/error.h"
#include "data/files/pickle_values.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

/// Item of a tuple or list, which must have it.
const PickleNode& item(const PickleValues& pickle, const PickleNode& node, size_t index) {
  if ((node.kind != PickleNode::Kind::tuple && node.kind != PickleNode::Kind::list) || index >= node.items.size())
    pickle.refuse("damaged: an array has an unknown description");
  return pickle.at(node.items[index]);
}

/// Whether a node is a call of the function with this name.
bool is_call_of(const PickleValues& pickle, const PickleNode& node, std::string_view name) {
  return node.kind == PickleNode::Kind::call && pickle.at(node.items.at(0)).kind == PickleNode::Kind::global &&
         pickle.at(node.items[0]).text == name;
}

/// The description of an array: (version, shape, type, is column-major, bytes or items).
const PickleNode& array_state(const PickleValues& pickle, const PickleNode& node) {
  if (!is_call_of(pickle, node, "_reconstruct") || node.state.empty()) pickle.refuse("got no array");
  return pickle.at(node.state[0]);
}

/// Takes the type from numpy.dtype('u2', ...) with the state (3, '<', ...).
void read_type(const PickleValues& pickle, const PickleNode& type, StoredArray& array) {
  if (!is_call_of(pickle, type, "dtype")) pickle.refuse("an array of unknown type");
  const std::string_view name = item(pickle, pickle.at(type.items.at(1)), 0).text;
  constexpr std::string_view kKinds = "bui", kSizes = "1248";
  if (name.size() != 2 || kKinds.find(name[0]) == std::string_view::npos ||
      kSizes.find(name[1]) == std::string_view::npos)
    pickle.refuse("an array of type '", name.substr(0, 20), "', expected integers");
  array.kind = name[0];
  array.bytes_per_value = name[1] - '0';
  if (!type.state.empty()) array.is_big_endian = item(pickle, pickle.at(type.state[0]), 1).text == ">";
}

StoredArray read_array(const PickleValues& pickle, const PickleNode& node) {
  constexpr int64_t kMaxValues = int64_t{1} << 31;
  const PickleNode& state = array_state(pickle, node);
  StoredArray array;
  int64_t values = 1;
  const PickleNode& shape = item(pickle, state, 1);
  for (size_t i = 0; i < shape.items.size(); ++i) {
    const int64_t side = item(pickle, shape, i).number;
    if (side < 0 || (side > 0 && values > kMaxValues / side)) pickle.refuse("damaged: an array of impossible size");
    values *= side;
    array.shape.push_back(side);
  }
  read_type(pickle, item(pickle, state, 2), array);
  array.is_column_major = item(pickle, state, 3).number != 0;
  array.bytes = item(pickle, state, 4).text;
  const auto needed = static_cast<size_t>(values) * static_cast<size_t>(array.bytes_per_value);
  if (array.bytes.size() != needed)
    pickle.refuse("damaged: an array of ", array.bytes.size(), " bytes, expected ", needed);
  return array;
}

/// Returns the pickle that follows the header of an array of objects.
std::string_view pickle_of(std::string_view file, const std::string& path) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  const bool is_numpy = file.size() >= 12 && file.substr(0, kMagic.size()) == kMagic;
  const size_t length_bytes = is_numpy && file[6] > 1 ? 4 : 2, begin = 8 + length_bytes;
  size_t length = 0;
  for (size_t i = length_bytes; is_numpy && i-- > 0;) length = length << 8 | static_cast<unsigned char>(file[8 + i]);
  if (!is_numpy || length > file.size() - begin)
    fail(ErrorKind::data, path, ": not a NumPy file, or truncated. Save it again");
  if (file.substr(begin, length).find("'|O'") == std::string_view::npos)
    fail(ErrorKind::data, path, ": got an array of numbers, expected a dict that Cellpose saved (NAME_seg.npy)");
  return file.substr(begin + length);
}

}  // namespace

StoredArray read_pickled_array(const std::string& path, const std::string& key) {
  const std::string bytes = read_file(path);
  const PickleValues pickle = read_pickle_values(pickle_of(bytes, path), path);
  // The dict is the only item of an array without dimensions.
  const PickleNode& items = item(pickle, array_state(pickle, pickle.at(pickle.root)), 4);
  const PickleNode& dict = item(pickle, items, 0);
  if (dict.kind != PickleNode::Kind::dict) pickle.refuse("got no dict");
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (pickle.at(dict.items[i]).text == key) return read_array(pickle, pickle.at(dict.items[i + 1]));
  pickle.refuse("no entry '", key, "'");
}

}  // namespace unet
