#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "configs/schema/error.h"
#include "configs/schema/polymorphic.h"
#include "configs/schema/suggest.h"

namespace unet {

/// An explicit table from names to factories: one row for each loss, optimizer, augmentation, ...
template <class T>
class Registry {
 public:
  struct Row {
    std::string name;
    std::string meaning;  ///< one-line description for help
    std::function<Polymorphic<T>()> make;
  };

  /// `what` names a row in messages, e.g. "loss".
  Registry(std::string what, std::initializer_list<Row> rows) : what_(std::move(what)), rows_(rows) {}

  const std::vector<Row>& rows() const { return rows_; }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Row& row : rows_) names.push_back(row.name);
    return names;
  }

  /// Creates the row's object with its defaults. Throws Error(config) listing the valid names.
  Polymorphic<T> make(const std::string& name) const {
    for (const Row& row : rows_)
      if (row.name == name) return row.make();
    fail(ErrorKind::config, "unknown ", what_, ": got '", name, "'", expected_one_of(name, names()));
  }

 private:
  std::string what_;
  std::vector<Row> rows_;
};

/// Factory for a row whose type has a default constructor.
template <class Base, class T>
Polymorphic<Base> make_row() {
  return Polymorphic<Base>(T());
}

}  // namespace unet
