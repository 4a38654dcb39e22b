#include "data/files/pickle_values.h"

#include <algorithm>
#include <map>
#include <utility>

namespace unet {
namespace {

constexpr size_t kMaxNodes = 1'000'000;

using NodeKind = PickleNode::Kind;

/// Builds the values that a pickle describes. Calls are kept as values, none is made.
class PickleValueReader {
 public:
  PickleValueReader(std::string_view bytes, const std::string& name) : bytes_(bytes), values_{name} {}

  PickleValues read() {
    while (step(static_cast<unsigned char>(take(1)[0]))) {
    }
    values_.root = pop();
    return std::move(values_);
  }

 private:
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - position_) values_.refuse("truncated at byte ", bytes_.size());
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
    if (end == std::string_view::npos) values_.refuse("truncated at byte ", bytes_.size());
    const std::string_view text = take(end - position_);
    take(1);
    return text;
  }

  void push(PickleNode node) {
    if (values_.nodes.size() >= kMaxNodes || stack_.size() >= kMaxNodes)
      values_.refuse("more than ", kMaxNodes, " values");
    values_.nodes.push_back(std::move(node));
    stack_.push_back(values_.nodes.size() - 1);
  }

  size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }

  size_t top() const {
    if (stack_.size() <= bottom()) values_.refuse("damaged: a value is missing at byte ", position_);
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
    if (marks_.empty()) values_.refuse("damaged: a mark is missing at byte ", position_);
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<size_t> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  void append(NodeKind kind, const std::vector<size_t>& items) {
    PickleNode& onto = values_.nodes[top()];
    const bool is_paired = kind != NodeKind::dict || items.size() % 2 == 0;
    if (onto.kind != kind || !is_paired) values_.refuse("damaged: items without a container at byte ", position_);
    onto.items.insert(onto.items.end(), items.begin(), items.end());
  }

  void recall(uint64_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) values_.refuse("damaged: the memo has no entry ", slot);
    if (stack_.size() >= kMaxNodes) values_.refuse("more than ", kMaxNodes, " values");
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

  /// Stores and recalls values of the memo. Returns false for other opcodes.
  bool use_memo(unsigned char opcode) {
    switch (opcode) {
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
      default:
        return false;
    }
  }

  /// Reads globals, calls and what would be restored in their results. Returns false for other opcodes.
  bool read_call(unsigned char opcode) {
    switch (opcode) {
      case 'c':  // GLOBAL
        line();
        push({NodeKind::global, 0, line()});
        return true;
      case 0x93: {  // STACK_GLOBAL
        const std::vector<size_t> names = pop_items(2);
        push({NodeKind::global, 0, values_.nodes[names[1]].text});
        return true;
      }
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
        push({NodeKind::call, 0, {}, pop_items(2)});
        return true;
      case 'b': {  // BUILD
        const size_t state = pop();
        values_.nodes[top()].state = {state};
        return true;
      }
      default:
        return false;
    }
  }

  /// Executes one opcode; returns false at the end.
  bool step(unsigned char opcode) {
    if (read_scalar(opcode) || read_container(opcode) || use_memo(opcode) || read_call(opcode)) return true;
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
        if (marks_.size() >= kMaxNodes) values_.refuse("more than ", kMaxNodes, " marks");
        marks_.push_back(stack_.size());
        return true;
      case '0':
        pop();
        return true;
      default:
        values_.refuse("unsupported opcode ", static_cast<int>(opcode), " at byte ", position_ - 1);
    }
  }

  std::string_view bytes_;
  PickleValues values_;
  size_t position_ = 0;
  std::vector<size_t> stack_, marks_;
  std::map<uint64_t, size_t> memo_;
};

}  // namespace

PickleValues read_pickle_values(std::string_view bytes, const std::string& name) {
  return PickleValueReader(bytes, name).read();
}

}  // namespace unet
