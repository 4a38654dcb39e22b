#include "data/files/numpy_pickle.h"

#include <map>
#include <string_view>
#include <utility>

#include "configs/schema/error.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

constexpr size_t kMaxNodes = 1'000'000;

/// One value of a pickle. Values refer to each other by index.
struct PickleNode {
  enum class Kind { other, integer, text, bytes, tuple, list, dict, global, call };
  Kind kind = Kind::other;
  int64_t number = 0;
  std::string_view text{};      ///< of text and bytes; of a global, its last name
  std::vector<size_t> items{};  ///< of a dict, keys and values in turn; of a call, what is called and its arguments
  std::vector<size_t> state{};  ///< what the file would restore in the result of a call
};

using NodeKind = PickleNode::Kind;

/// Builds the values that a pickle describes. Calls are kept as values, none is made.
class DictReader {
 public:
  DictReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  /// Returns the index of the value that the pickle is.
  size_t read() {
    while (step(static_cast<unsigned char>(take(1)[0]))) {
    }
    return pop();
  }

  const PickleNode& at(size_t index) const { return nodes_.at(index); }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::data, name_, ": ", parts...,
         ". Expected a file that Cellpose saved; save the masks as images (File, Save masks as PNG)");
  }

 private:
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - position_) refuse("truncated at byte ", bytes_.size());
    position_ += count;
    return bytes_.substr(position_ - count, count);
  }

  uint64_t number(size_t count) {
    const std::string_view digits = take(count);
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(digits[i]);
    return value;
  }

  std::string_view line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) refuse("truncated at byte ", bytes_.size());
    const std::string_view text = take(end - position_);
    take(1);
    return text;
  }

  void push(PickleNode node) {
    if (nodes_.size() >= kMaxNodes || stack_.size() >= kMaxNodes) refuse("more than ", kMaxNodes, " values");
    nodes_.push_back(std::move(node));
    stack_.push_back(nodes_.size() - 1);
  }

  size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }

  size_t top() const {
    if (stack_.size() <= bottom()) refuse("damaged: a value is missing at byte ", position_);
    return stack_.back();
  }

  size_t pop() {
    const size_t index = top();
    stack_.pop_back();
    return index;
  }

  std::vector<size_t> pop_items(size_t count) {
    std::vector<size_t> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  std::vector<size_t> pop_to_mark() {
    if (marks_.empty()) refuse("damaged: a mark is missing at byte ", position_);
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<size_t> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  void append(NodeKind kind, const std::vector<size_t>& items) {
    PickleNode& onto = nodes_[top()];
    const bool is_paired = kind != NodeKind::dict || items.size() % 2 == 0;
    if (onto.kind != kind || !is_paired) refuse("damaged: items without a container at byte ", position_);
    onto.items.insert(onto.items.end(), items.begin(), items.end());
  }

  void recall(uint64_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) refuse("damaged: the memo has no entry ", slot);
    if (stack_.size() >= kMaxNodes) refuse("more than ", kMaxNodes, " values");
    stack_.push_back(found->second);
  }

  void push_signed(size_t count) {
    const std::string_view digits = bytes_.substr(position_, std::min(count, bytes_.size() - position_));
    if (count > 8) {
      take(count);
      return push({});
    }
    uint64_t value = number(count);
    if (count > 0 && count < 8 && (static_cast<unsigned char>(digits[count - 1]) & 0x80) != 0)
      value |= ~uint64_t{0} << (8 * count);
    push({NodeKind::integer, static_cast<int64_t>(value)});
  }

  /// Reads integers, text and bytes. Returns false for other opcodes.
  bool read_scalar(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        push({});
        return true;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push({NodeKind::integer, opcode == 0x88 ? 1 : 0});
        return true;
      case 'K':
      case 'M':
        push({NodeKind::integer, static_cast<int64_t>(number(opcode == 'K' ? 1 : 2))});
        return true;
      case 'J':
        push({NodeKind::integer, static_cast<int32_t>(number(4))});
        return true;
      case 0x8a:  // LONG1
        push_signed(number(1));
        return true;
      case 'G':  // BINFLOAT
        take(8);
        push({});
        return true;
      case 'X':   // BINUNICODE
      case 0x8c:  // SHORT_BINUNICODE
      case 0x8d:  // BINUNICODE8
        push({NodeKind::text, 0, take(number(opcode == 'X' ? 4 : opcode == 0x8c ? 1 : 8))});
        return true;
      case 'B':   // BINBYTES
      case 'C':   // SHORT_BINBYTES
      case 0x8e:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push({NodeKind::bytes, 0, take(number(opcode == 'B' ? 4 : opcode == 'C' ? 1 : 8))});
        return true;
      default:
        return false;
    }
  }

  /// Reads tuples, lists, dicts and sets. Returns false for other opcodes.
  bool read_container(unsigned char opcode) {
    switch (opcode) {
      case ')':
        push({NodeKind::tuple});
        return true;
      case 0x85:  // TUPLE1
      case 0x86:
      case 0x87:
        push({NodeKind::tuple, 0, {}, pop_items(static_cast<size_t>(opcode - 0x84))});
        return true;
      case 't':
        push({NodeKind::tuple, 0, {}, pop_to_mark()});
        return true;
      case ']':
      case 0x8f:  // EMPTY_SET
        push({NodeKind::list});
        return true;
      case '}':
        push({NodeKind::dict});
        return true;
      case 'a':
        append(NodeKind::list, pop_items(1));
        return true;
      case 'e':
      case 0x90:  // ADDITEMS
        append(NodeKind::list, pop_to_mark());
        return true;
      case 's':
        append(NodeKind::dict, pop_items(2));
        return true;
      case 'u':
        append(NodeKind::dict, pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  /// Executes one opcode; returns false at the end.
  bool step(unsigned char opcode) {
    if (read_scalar(opcode) || read_container(opcode)) return true;
    switch (opcode) {
      case 0x80:  // PROTO
        take(1);
        return true;
      case 0x95:  // FRAME
        take(8);
        return true;
      case '.':
        return false;
      case '(':
        if (marks_.size() >= kMaxNodes) refuse("more than ", kMaxNodes, " marks");
        marks_.push_back(stack_.size());
        return true;
      case '0':
        pop();
        return true;
      case 'q':
      case 'r':
        memo_[number(opcode == 'q' ? 1 : 4)] = top();
        return true;
      case 0x94: {  // MEMOIZE
        const size_t slot = memo_.size();
        memo_[slot] = top();
        return true;
      }
      case 'h':
      case 'j':
        recall(number(opcode == 'h' ? 1 : 4));
        return true;
      case 'c':  // GLOBAL
        line();
        push({NodeKind::global, 0, line()});
        return true;
      case 0x93: {  // STACK_GLOBAL
        const std::vector<size_t> names = pop_items(2);
        push({NodeKind::global, 0, nodes_[names[1]].text});
        return true;
      }
      case 'R':     // REDUCE
      case 0x81: {  // NEWOBJ
        push({NodeKind::call, 0, {}, pop_items(2)});
        return true;
      }
      case 'b': {  // BUILD
        const size_t state = pop();
        nodes_[top()].state = {state};
        return true;
      }
      default:
        refuse("unsupported opcode ", static_cast<int>(opcode), " at byte ", position_ - 1);
    }
  }

  std::string_view bytes_;
  const std::string& name_;
  size_t position_ = 0;
  std::vector<PickleNode> nodes_;
  std::vector<size_t> stack_, marks_;
  std::map<uint64_t, size_t> memo_;
};

/// Item of a tuple or list, which must have it.
const PickleNode& item(const DictReader& pickle, const PickleNode& node, size_t index) {
  if ((node.kind != NodeKind::tuple && node.kind != NodeKind::list) || index >= node.items.size())
    pickle.refuse("damaged: an array has an unknown description");
  return pickle.at(node.items[index]);
}

/// Whether a node is a call of the function with this name.
bool is_call_of(const DictReader& pickle, const PickleNode& node, std::string_view name) {
  return node.kind == NodeKind::call && pickle.at(node.items.at(0)).kind == NodeKind::global &&
         pickle.at(node.items[0]).text == name;
}

/// The description of an array: (version, shape, type, is column-major, bytes or items).
const PickleNode& array_state(const DictReader& pickle, const PickleNode& node) {
  if (!is_call_of(pickle, node, "_reconstruct") || node.state.empty())
    pickle.refuse("got something else than an array");
  return pickle.at(node.state[0]);
}

/// Takes the type from numpy.dtype('u2', ...) with the state (3, '<', ...).
void read_type(const DictReader& pickle, const PickleNode& type, StoredArray& array) {
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

StoredArray read_array(const DictReader& pickle, const PickleNode& node) {
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
  DictReader pickle(pickle_of(bytes, path), path);
  // The dict is the only item of an array without dimensions.
  const PickleNode& items = item(pickle, array_state(pickle, pickle.at(pickle.read())), 4);
  const PickleNode& dict = item(pickle, items, 0);
  if (dict.kind != NodeKind::dict) pickle.refuse("got something else than a dict");
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (pickle.at(dict.items[i]).text == key) return read_array(pickle, pickle.at(dict.items[i + 1]));
  pickle.refuse("no entry '", key, "'");
}

}  // namespace unet
