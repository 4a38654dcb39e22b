#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "configs/schema/enum_names.h"
#include "configs/schema/label_key.h"
#include "configs/schema/per_axis.h"

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

/// An option that is a value of some enum, by its name.
class EnumValue {
 public:
  virtual ~EnumValue() = default;
  virtual std::string name() const = 0;
  virtual void set(const std::string& name) = 0;
};

/// Refers to an option of type E, which it reads and writes by name.
template <class E>
class EnumValueOf : public EnumValue {
 public:
  explicit EnumValueOf(E& value) : value_(value) {}
  std::string name() const override { return enum_name(value_); }
  void set(const std::string& name) override { value_ = enum_value<E>(name); }

 private:
  E& value_;
};

template <class... T>
struct PointersTo {
  using Mutable = std::variant<T*...>;
  using Const = std::variant<const T*...>;
};

/// The kinds of value that an option can have. An empty optional is written `auto`; a PerAxis is written `2`, or
/// `[2, 1]` where height and width differ.
using FieldPointers = PointersTo<bool, int64_t, double, std::string, EnumValue, std::optional<int64_t>, PerAxis,
                                 std::optional<PerAxis>, Range, std::vector<int64_t>, std::vector<double>,
                                 std::vector<std::string>, std::vector<LabelKey>, LabelClasses, WordOrList>;
using FieldValue = FieldPointers::Mutable;
using ConstFieldValue = FieldPointers::Const;

/// The values that a field accepts. Numbers: a closed interval (for lists and ranges, of each item).
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

/// "from 1 to 8", "above 0", or "" without limits.
std::string limits_text(const Limits& limits);

/// The role of an option in a training that is saved and resumed.
struct Traits {
  bool portable = true;    ///< kept in a checkpoint, which otherwise holds the default
  bool resumable = false;  ///< may change between two parts of one training
};

/// Decides when a training stops and what it records, but not how a step changes the weights.
inline constexpr Traits kResumable{/*portable=*/true, /*resumable=*/true};
/// Depends on the machine: paths, threads, memory. Without effect on what is learned.
inline constexpr Traits kHostOnly{/*portable=*/false, /*resumable=*/true};

/// An earlier name of an option, which is still read.
struct FormerName {
  std::string name;
};
inline FormerName formerly(std::string name) { return {std::move(name)}; }

/// One option as a visitor sees it.
struct Field {
  std::string name;
  std::string meaning;
  Limits limits = {};
  Traits traits = {};
  std::vector<std::string> former_names = {};

  void add(Limits value) { limits = std::move(value); }
  void add(Traits value) { traits = value; }
  void add(FormerName value) { former_names.push_back(std::move(value.name)); }
};

}  // namespace unet
