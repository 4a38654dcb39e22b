#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "configs/schema/registry.h"

namespace unet {

class Options;

/// The choice of one row of a table, with that row's options; written `NAME` or `{name: NAME, option: ...}`.
class Choice {
 public:
  virtual ~Choice() = default;
  /// Key that holds the row's name in a map: `name` or `mode`. No option of a row may have this key. `name` is always
  /// accepted.
  virtual const char* key() const { return "name"; }
  virtual std::vector<std::pair<std::string, std::string>> rows() const = 0;  ///< (name, meaning)
  virtual const std::string& name() const = 0;
  /// Chooses a row and sets its options to their defaults, unless it is already chosen. Throws Error(config) listing
  /// the valid names.
  virtual Options& choose(const std::string& name) = 0;
  virtual Options& options() = 0;
  virtual const Options& options() const = 0;
  virtual std::unique_ptr<Choice> clone() const = 0;
};

inline std::vector<std::string> row_names(const Choice& choice) {
  std::vector<std::string> names;
  for (const auto& row : choice.rows()) names.push_back(row.first);
  return names;
}

/// A list of choices from one table.
class ChoiceList {
 public:
  virtual ~ChoiceList() = default;
  virtual size_t size() const = 0;
  virtual void resize(size_t count) = 0;
  virtual Choice& at(size_t index) = 0;
  virtual const Choice& at(size_t index) const = 0;
  /// Returns an item like those that `resize` appends: the table's first row with its defaults.
  virtual std::unique_ptr<Choice> new_item() const = 0;
};

template <class T>
class ChoiceOf : public Choice {
 public:
  ChoiceOf(const Registry<T>& table, const std::string& name) : table_(&table), name_(name), value_(table.make(name)) {}

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

  std::vector<std::pair<std::string, std::string>> rows() const override {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& row : table_->rows()) rows.emplace_back(row.name, row.meaning);
    return rows;
  }
  const std::string& name() const override { return name_; }
  Options& choose(const std::string& name) override {
    if (name != name_) {
      value_ = table_->make(name);
      name_ = name;
    }
    return *value_;
  }
  Options& options() override { return *value_; }
  const Options& options() const override { return *value_; }
  std::unique_ptr<Choice> clone() const override { return std::make_unique<ChoiceOf>(*this); }

 private:
  const Registry<T>* table_;
  std::string name_;
  Polymorphic<T> value_;
};

template <class T>
class ChoicesOf : public ChoiceList {
 public:
  ChoicesOf(const Registry<T>& table, const std::vector<std::string>& names) : table_(&table) {
    for (const std::string& name : names) items_.emplace_back(table, name);
  }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  ChoiceOf<T>& operator[](size_t index) { return items_.at(index); }
  const ChoiceOf<T>& operator[](size_t index) const { return items_.at(index); }

  size_t size() const override { return items_.size(); }
  void resize(size_t count) override {
    while (items_.size() > count) items_.pop_back();
    while (items_.size() < count) items_.push_back(first_row());
  }
  Choice& at(size_t index) override { return items_.at(index); }
  const Choice& at(size_t index) const override { return items_.at(index); }
  std::unique_ptr<Choice> new_item() const override { return std::make_unique<ChoiceOf<T>>(first_row()); }

 private:
  ChoiceOf<T> first_row() const { return ChoiceOf<T>(*table_, table_->rows().front().name); }

  const Registry<T>* table_;
  std::vector<ChoiceOf<T>> items_;
};

}  // namespace unet
