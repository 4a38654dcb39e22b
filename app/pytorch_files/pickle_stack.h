#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/pytorch_files/pickle.h"
#include "configs/schema/error.h"

namespace unet {

/// State of the pickle machine: all values, the stack, its marks, and the memo. Checks every access and limits its own
/// size; throws Error(data).
class PickleStack {
 public:
  explicit PickleStack(const std::string& name) : name_(name) {}

  void push(PickledObject object);
  /// Removes the top value and returns it. Values below the last mark cannot be popped.
  const PickledObject& pop() { return objects_[pop_index()]; }
  size_t pop_index();
  std::vector<size_t> pop_items(size_t count);

  void mark();
  std::vector<size_t> pop_to_mark();

  const PickledObject& top() const;
  /// Adds items to the list or dict on top of the stack.
  void append(PickledObject::Kind kind, const std::vector<size_t>& items);

  void memoize(size_t slot);
  void memoize_next() { memoize(memo_.size()); }
  void recall(size_t slot);

  const PickledObject& at(size_t index) const { return objects_[index]; }
  std::vector<PickledObject> take_objects() { return std::move(objects_); }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::data, name_, ": ", parts...,
         ". Expected a state_dict: tensors by name, as torch.save(model.state_dict(), FILE) writes them.");
  }

 private:
  const std::string& name_;
  std::vector<PickledObject> objects_;
  std::vector<size_t> stack_;
  std::vector<size_t> marks_;
  std::map<size_t, size_t> memo_;
};

}  // namespace unet
