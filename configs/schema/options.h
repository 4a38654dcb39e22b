#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "configs/schema/per_axis.h"
#include "configs/schema/registry.h"

namespace unet {

/// Two numbers, the lower first; written `[low, high]`.
struct Range {
  double low = 0;
  double high = 0;
};

/// A list of numbers, or a word that stands for one; written `[1, 2]` or `auto`.
struct WordOrList {
  std::string word;  ///< "" when values are given
  std::vector<double> values;
};

/// The kinds of value that an option can have. An empty optional is written `auto`; a PerAxis is written `2`, or
/// `[2, 1]` where the height and the width differ.
using FieldValue = std::variant<bool*, int64_t*, double*, std::string*, std::optional<int64_t>*, PerAxis*,
                                std::optional<PerAxis>*, Range*, std::vector<int64_t>*, std::vector<double>*,
                                std::vector<std::string>*, std::map<int64_t, int64_t>*, WordOrList*>;

/// Which values a field takes. Numbers: a closed interval (for lists and ranges, of each item).
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;                      ///< `low` itself is refused
  std::vector<std::string> words = {};         ///< accepted strings; for a list, words that may stand for it
  std::optional<size_t> items = std::nullopt;  ///< length of a list, where only one makes sense
};

inline Limits in_range(double low, double high) { return {low, high}; }
inline Limits at_least(double low) { return {low}; }
inline Limits above(double low) { return {low, std::numeric_limits<double>::infinity(), true}; }
inline Limits one_of(std::vector<std::string> words) {
  Limits limits;
  limits.words = std::move(words);
  return limits;
}

class FieldVisitor;

/// A struct of options. `fields` lists them once; reading, `--set`, defaults, the resolved copy, help
/// and the JSON Schema all come from that list.
class Options {
 public:
  virtual ~Options() = default;
  virtual void fields(FieldVisitor& visit) = 0;
};

/// One row of a table together with that row's own options; written `NAME` or `{name: NAME, option: ...}`.
class Choice {
 public:
  virtual ~Choice() = default;
  /// What the row's name is called in a map: `name`, or `mode`, which no other option may be called; `name` is
  /// understood in any case.
  virtual const char* key() const { return "name"; }
  virtual std::vector<std::pair<std::string, std::string>> rows() const = 0;  ///< (name, meaning)
  virtual const std::string& name() const = 0;
  /// Makes `name` the chosen row, with its defaults unless it is the chosen one already.
  virtual Options& choose(const std::string& name) = 0;
  virtual Options& options() = 0;
};

/// A list of choices from one table.
class ChoiceList {
 public:
  virtual ~ChoiceList() = default;
  virtual size_t size() const = 0;
  virtual void resize(size_t count) = 0;
  virtual Choice& at(size_t index) = 0;
};

template <class T>
class ChoiceOf : public Choice {
 public:
  ChoiceOf(const Registry<T>& table, const std::string& name) : table_(&table), name_(name), value_(table.make(name)) {}

  T& operator*() const { return *value_; }
  T* operator->() const { return value_.get(); }

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

 private:
  const Registry<T>* table_;
  std::string name_;
  std::unique_ptr<T> value_;
};

template <class T>
class ChoicesOf : public ChoiceList {
 public:
  ChoicesOf(const Registry<T>& table, const std::vector<std::string>& names) : table_(&table) {
    for (const std::string& name : names) items_.emplace_back(table, name);
  }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  size_t size() const override { return items_.size(); }
  void resize(size_t count) override {
    while (items_.size() > count) items_.pop_back();
    while (items_.size() < count) items_.emplace_back(*table_, table_->rows().front().name);
  }
  Choice& at(size_t index) override { return items_.at(index); }
  const ChoiceOf<T>& operator[](size_t index) const { return items_.at(index); }

 private:
  const Registry<T>* table_;
  std::vector<ChoiceOf<T>> items_;
};

/// One option as a visitor sees it.
struct Field {
  std::string name;
  std::string meaning;
  Limits limits = {};
};

/// Walks the options of a struct. Called as `visit("lr", lr, "peak learning rate", above(0))`.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;

  template <class T>
  void operator()(const char* name, T& value, const char* meaning, Limits limits = {}) {
    Field field{name, meaning, std::move(limits)};
    if constexpr (std::is_base_of_v<Options, T>) {
      group(field, value);
    } else if constexpr (std::is_base_of_v<Choice, T>) {
      choice(field, value);
    } else if constexpr (std::is_base_of_v<ChoiceList, T>) {
      choices(field, value);
    } else {
      leaf(field, FieldValue(&value));
    }
  }

 protected:
  virtual void leaf(const Field& field, FieldValue value) = 0;
  virtual void group(const Field& field, Options& options) = 0;
  virtual void choice(const Field& field, Choice& choice) = 0;
  virtual void choices(const Field& field, ChoiceList& choices) = 0;
};

}  // namespace unet
