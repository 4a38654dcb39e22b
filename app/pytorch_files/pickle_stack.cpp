#include "app/pytorch_files/pickle_stack.h"

namespace unet {
namespace {

constexpr size_t kMaxObjects = 1'000'000;

}  // namespace

void PickleStack::push(PickledObject object) {
  if (objects_.size() >= kMaxObjects) refuse("more than ", kMaxObjects, " values");
  objects_.push_back(std::move(object));
  stack_.push_back(objects_.size() - 1);
}

size_t PickleStack::pop_index() {
  top();
  const size_t index = stack_.back();
  stack_.pop_back();
  return index;
}

std::vector<size_t> PickleStack::pop_items(size_t count) {
  std::vector<size_t> items(count);
  for (size_t i = count; i-- > 0;) items[i] = pop_index();
  return items;
}

void PickleStack::mark() {
  if (marks_.size() >= kMaxObjects) refuse("more than ", kMaxObjects, " marks");
  marks_.push_back(stack_.size());
}

std::vector<size_t> PickleStack::pop_to_mark() {
  if (marks_.empty()) refuse("damaged: a mark is missing");
  const auto begin = stack_.begin() + static_cast<ptrdiff_t>(marks_.back());
  std::vector<size_t> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

const PickledObject& PickleStack::top() const {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("damaged: a value is missing");
  return objects_[stack_.back()];
}

void PickleStack::append(PickledObject::Kind kind, const std::vector<size_t>& items) {
  const bool is_pairs = items.size() % 2 == 0;
  if (top().kind != kind || (kind == PickledObject::Kind::dict && !is_pairs))
    refuse("damaged: items without a container");
  auto& onto = objects_[stack_.back()].items;
  onto.insert(onto.end(), items.begin(), items.end());
}

void PickleStack::memoize(size_t slot) {
  top();
  memo_[slot] = stack_.back();
}

void PickleStack::recall(size_t slot) {
  const auto found = memo_.find(slot);
  if (found == memo_.end()) refuse("damaged: the memo has no entry ", slot);
  if (stack_.size() >= kMaxObjects) refuse("more than ", kMaxObjects, " values");
  stack_.push_back(found->second);
}

}  // namespace unet
