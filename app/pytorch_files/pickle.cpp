#include "app/pytorch_files/pickle.h"

#include <algorithm>

#include "app/pytorch_files/little_endian.h"
#include "app/pytorch_files/pickle_stack.h"
#include "app/pytorch_files/storage_types.h"

namespace unet {
namespace {

using Kind = PickledObject::Kind;

constexpr size_t kMaxDimensions = 8;
constexpr size_t kMaxKeyLength = 1000;  ///< limit for the key of a storage, of which each tensor holds a copy
constexpr uint64_t kMaxProtocol = 5;

class PickleReader {
 public:
  PickleReader(std::string_view bytes, const std::string& name) : bytes_(bytes), stack_(name) {}

  Pickle read() {
    while (step(static_cast<unsigned char>(take(1)[0]))) {
    }
    Pickle pickle;
    pickle.root = stack_.pop_index();
    pickle.objects = stack_.take_objects();
    pickle.end = position_;
    return pickle;
  }

 private:
  std::string_view take(size_t count) {
    if (count > bytes_.size() - position_) stack_.refuse("truncated at byte ", bytes_.size());
    position_ += count;
    return bytes_.substr(position_ - count, count);
  }
  uint64_t number(size_t count) { return little_endian(take(count), count); }
  std::string line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) stack_.refuse("truncated at byte ", bytes_.size());
    const std::string text(take(end - position_));
    take(1);
    return text;
  }

  void push_number(Kind kind, int64_t value) { stack_.push({kind, value, "", {}}); }
  void push_text(size_t length) { stack_.push({Kind::text, 0, std::string(take(length)), {}}); }

  const PickledObject& item(const PickledObject& tuple, size_t index, Kind kind) const {
    if (tuple.kind != Kind::tuple || index >= tuple.items.size() || stack_.at(tuple.items[index]).kind != kind)
      stack_.refuse("a tensor has an unknown description");
    return stack_.at(tuple.items[index]);
  }
  std::vector<int64_t> integers(const PickledObject& tuple) const {
    if (tuple.items.size() > kMaxDimensions)
      stack_.refuse("a tensor has ", tuple.items.size(), " dimensions, expected at most ", kMaxDimensions);
    std::vector<int64_t> values;
    for (size_t i = 0; i < tuple.items.size(); ++i) values.push_back(item(tuple, i, Kind::integer).number);
    return values;
  }

  /// ("storage", torch.FloatStorage, key, device, elements[, view])
  void make_storage() {
    const PickledObject& id = stack_.pop();
    const std::string type = item(id, 1, Kind::global).text;
    if (item(id, 0, Kind::text).text != "storage") stack_.refuse("a tensor has an unknown description");
    if (id.items.size() > 5 && stack_.at(id.items[5]).kind != Kind::none)
      stack_.refuse("a storage is a view of another one");
    PickledObject storage{Kind::storage, 0, "", {}};
    storage.tensor.storage = item(id, 2, Kind::text).text;
    if (storage.tensor.storage.size() > kMaxKeyLength)
      stack_.refuse("the key of a storage is longer than ", kMaxKeyLength, " bytes");
    storage.tensor.type = type.rfind("torch.", 0) == 0 ? storage_type(type.substr(6)) : torch::ScalarType::Undefined;
    storage.tensor.storage_elements = item(id, 4, Kind::integer).number;
    if (storage.tensor.type == torch::ScalarType::Undefined) stack_.refuse("unsupported storage '", type, "'");
    stack_.push(std::move(storage));
  }

  /// (storage, offset, sizes, strides, requires_grad, hooks)
  PickledObject rebuilt_tensor(const PickledObject& arguments) const {
    PickledObject tensor{Kind::tensor, 0, "", {}};
    tensor.tensor = item(arguments, 0, Kind::storage).tensor;
    tensor.tensor.offset = item(arguments, 1, Kind::integer).number;
    tensor.tensor.sizes = integers(item(arguments, 2, Kind::tuple));
    tensor.tensor.strides = integers(item(arguments, 3, Kind::tuple));
    return tensor;
  }

  void push_global(const std::string& full_name) {
    static const std::vector<std::string> known{"collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
                                                "torch._utils._rebuild_parameter"};
    const bool is_storage =
        full_name.rfind("torch.", 0) == 0 && storage_type(full_name.substr(6)) != torch::ScalarType::Undefined;
    if (!is_storage && std::find(known.begin(), known.end(), full_name) == known.end())
      stack_.refuse("asks for '", full_name, "', which is refused: only tensors are read");
    stack_.push({Kind::global, 0, full_name, {}});
  }

  void reduce() {
    const PickledObject& arguments = stack_.pop();
    const PickledObject& function = stack_.pop();
    if (function.kind != Kind::global || arguments.kind != Kind::tuple)
      stack_.refuse("damaged: a call without a function");
    if (function.text == "torch._utils._rebuild_tensor_v2")
      stack_.push(rebuilt_tensor(arguments));
    else if (function.text == "torch._utils._rebuild_parameter")
      stack_.push(item(arguments, 0, Kind::tensor));
    else if (function.text == "collections.OrderedDict" && arguments.items.empty())
      stack_.push({Kind::dict, 0, "", {}});
    else
      stack_.refuse("asks for a call of '", function.text, "', which is refused");
  }

  /// Drops the attributes of an OrderedDict: versions of modules, which are not needed here.
  void drop_attributes() {
    stack_.pop();
    if (stack_.top().kind != Kind::dict) stack_.refuse("attributes of something other than a dict");
  }

  void push_long() {
    const size_t count = number(1);
    const std::string_view digits = take(count);
    if (count > 8) {  // the magic number of the legacy format, which is compared as text
      stack_.push({Kind::integer, 0, std::string(digits), {}});
      return;
    }
    uint64_t value = little_endian(digits, count);
    const bool negative = count > 0 && (digits[count - 1] & 0x80) != 0;
    if (negative && count < 8) value |= ~uint64_t{0} << (8 * count);
    push_number(Kind::integer, static_cast<int64_t>(value));
  }

  void push_stack_global() {
    const auto parts = stack_.pop_items(2);
    const PickledObject &module = stack_.at(parts[0]), &name = stack_.at(parts[1]);
    if (module.kind != Kind::text || name.kind != Kind::text) stack_.refuse("damaged: a global without a name");
    push_global(module.text + "." + name.text);
  }

  /// Executes one opcode; returns false at the end.
  bool step(unsigned char opcode);

  std::string_view bytes_;
  size_t position_ = 0;
  PickleStack stack_;
};

bool PickleReader::step(unsigned char opcode) {
  switch (opcode) {
    case 0x80:  // PROTO
      if (number(1) > kMaxProtocol) stack_.refuse("protocol newer than ", kMaxProtocol);
      return true;
    case 0x95:  // FRAME
      take(8);
      return true;
    case '.':  // STOP
      return false;
    case '(':  // MARK
      stack_.mark();
      return true;
    case 'N':
      stack_.push({});
      return true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      push_number(Kind::boolean, opcode == 0x88);
      return true;
    case 'K':  // BININT1
    case 'M':  // BININT2
      push_number(Kind::integer, static_cast<int64_t>(number(opcode == 'K' ? 1 : 2)));
      return true;
    case 'J':  // BININT
      push_number(Kind::integer, static_cast<int32_t>(number(4)));
      return true;
    case 0x8a:  // LONG1
      push_long();
      return true;
    case 'G':  // BINFLOAT, e.g. a learning rate stored with the weights
      take(8);
      stack_.push({Kind::real, 0, "", {}});
      return true;
    case 0x8c:  // SHORT_BINUNICODE
    case 'X':   // BINUNICODE
      push_text(number(opcode == 'X' ? 4 : 1));
      return true;
    case ')':  // EMPTY_TUPLE
      stack_.push({Kind::tuple, 0, "", {}});
      return true;
    case 0x85:  // TUPLE1
    case 0x86:
    case 0x87:
      stack_.push({Kind::tuple, 0, "", stack_.pop_items(static_cast<size_t>(opcode - 0x84))});
      return true;
    case 't':  // TUPLE
      stack_.push({Kind::tuple, 0, "", stack_.pop_to_mark()});
      return true;
    case ']':
      stack_.push({Kind::list, 0, "", {}});
      return true;
    case '}':
      stack_.push({Kind::dict, 0, "", {}});
      return true;
    case 'a':  // APPEND
      stack_.append(Kind::list, stack_.pop_items(1));
      return true;
    case 'e':  // APPENDS
      stack_.append(Kind::list, stack_.pop_to_mark());
      return true;
    case 's':  // SETITEM
      stack_.append(Kind::dict, stack_.pop_items(2));
      return true;
    case 'u':  // SETITEMS
      stack_.append(Kind::dict, stack_.pop_to_mark());
      return true;
    case 'q':  // BINPUT
    case 'r':  // LONG_BINPUT
      stack_.memoize(number(opcode == 'q' ? 1 : 4));
      return true;
    case 0x94:  // MEMOIZE
      stack_.memoize_next();
      return true;
    case 'h':  // BINGET
    case 'j':  // LONG_BINGET
      stack_.recall(number(opcode == 'h' ? 1 : 4));
      return true;
    case 'c': {  // GLOBAL
      const std::string module = line();
      push_global(module + "." + line());
      return true;
    }
    case 0x93:  // STACK_GLOBAL
      push_stack_global();
      return true;
    case 'R':
      reduce();
      return true;
    case 'b':  // BUILD
      drop_attributes();
      return true;
    case 'Q':  // BINPERSID
      make_storage();
      return true;
    default:
      stack_.refuse("unsupported opcode ", static_cast<int>(opcode), " at byte ", position_ - 1);
  }
}

}  // namespace

Pickle read_pickle(std::string_view bytes, const std::string& name) { return PickleReader(bytes, name).read(); }

}  // namespace unet
