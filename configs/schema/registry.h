#pragma once

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {

/// An explicit table from names to factories: one row for each loss, optimizer, augmentation, ...
template <class T>
class Registry {
 public:
  struct Row {
    std::string name;
    std::string meaning;  ///< one line for people
    std::function<std::unique_ptr<T>()> make;
  };

  /// `what` names the kind of thing in messages, e.g. "loss".
  Registry(std::string what, std::initializer_list<Row> rows) : what_(std::move(what)), rows_(rows) {}

  const std::vector<Row>& rows() const { return rows_; }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Row& row : rows_) names.push_back(row.name);
    return names;
  }

  /// A new T with its defaults. Throws Error(config) naming the choices.
  std::unique_ptr<T> make(const std::string& name) const {
    for (const Row& row : rows_)
      if (row.name == name) return row.make();
    fail(ErrorKind::config, "unknown ", what_, ": got '", name, "', ", expected_one_of(name, names()));
  }

 private:
  std::string what_;
  std::vector<Row> rows_;
};

/// Factory for a row whose type has a default constructor.
template <class Base, class T>
std::unique_ptr<Base> make_row() {
  return std::make_unique<T>();
}

}  // namespace unet
