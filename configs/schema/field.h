#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "configs/schema/duration.h"
#include "configs/schema/enum_names.h"
#include "configs/schema/label_key.h"
#include "configs/schema/per_axis.h"

namespace unet {

/// Two numbers, the lower first; written `[low, high]`.
struct Range {
  double low = 0;
  double high = 0;
};

/// A list of numbers, or a mode that stands for one; written `[1, 2]` or as the mode's name.
template <class E>
using ModeOrList = std::variant<E, std::vector<double>>;

/// Reads and writes an enum option by the names of its values.
class EnumValue {
 public:
  virtual ~EnumValue() = default;
  virtual std::string name() const = 0;
  virtual void set(const std::string& name) = 0;
};

/// The EnumValue of an option of type E.
template <class E>
class EnumValueOf : public EnumValue {
 public:
  explicit EnumValueOf(E& value) : value_(value) {}
  std::string name() const override { return enum_name(value_); }
  void set(const std::string& name) override { value_ = enum_value<E>(name); }

 private:
  E& value_;
};

/// An option that is a ModeOrList of some enum.
class ModeOrListValue {
 public:
  virtual ~ModeOrListValue() = default;
  virtual const std::vector<double>* list() const = 0;  ///< null for a mode
  virtual std::string mode() const = 0;
  virtual void set_list(std::vector<double> list) = 0;
  virtual void set_mode(const std::string& name) = 0;
};

/// Refers to an option whose modes are the values of E.
template <class E>
class ModeOrListValueOf : public ModeOrListValue {
 public:
  explicit ModeOrListValueOf(ModeOrList<E>& value) : value_(value) {}
  const std::vector<double>* list() const override { return std::get_if<std::vector<double>>(&value_); }
  std::string mode() const override { return enum_name(std::get<E>(value_)); }
  void set_list(std::vector<double> list) override { value_ = std::move(list); }
  void set_mode(const std::string& name) override { value_ = enum_value<E>(name); }

 private:
  ModeOrList<E>& value_;
};

template <class... T>
struct PointersTo {
  using Mutable = std::variant<T*...>;
  using Const = std::variant<const T*...>;
};

/// The kinds of value that an option can have. An empty optional is written `auto`, but `off` for a duration and `none`
/// for a text; a PerAxis is written `2`, or `[2, 1]` where height and width differ.
using FieldPointers =
    PointersTo<bool, int64_t, double, std::string, EnumValue, std::optional<int64_t>, PerAxis, std::optional<PerAxis>,
               Range, std::vector<int64_t>, std::vector<double>, std::vector<std::string>, std::vector<LabelKey>,
               LabelClasses, ModeOrListValue, std::optional<Duration>, std::optional<std::string>>;
using FieldValue = FieldPointers::Mutable;
using ConstFieldValue = FieldPointers::Const;

/// The values that a field accepts. Numbers: a closed interval (for lists and ranges, of each item).
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;                      ///< whether `low` itself is refused
  std::vector<std::string> words = {};         ///< accepted strings; for a list, words accepted in its place
  std::optional<size_t> items = std::nullopt;  ///< required length of a list; empty: any length
};

inline Limits in_range(double low, double high) { return {low, high}; }
inline Limits at_least(double low) { return {low}; }
inline Limits above(double low) { return {low, std::numeric_limits<double>::infinity(), true}; }
inline Limits one_of(std::vector<std::string> words) {
  Limits limits;
  limits.words = std::move(words);
  return limits;
}

/// Describes the limits: "from 1 to 8", "above 0", or "" if there are none.
std::string limits_text(const Limits& limits);

/// How checkpoints and resumed runs treat an option.
struct Traits {
  bool portable = true;    ///< whether checkpoints store its value; otherwise they hold the default
  bool resumable = false;  ///< whether it may change when a run is resumed
};

/// For options that decide when training stops and what it records, but not how a step changes the weights.
inline constexpr Traits kResumable{/*portable=*/true, /*resumable=*/true};
/// For options that depend on the machine (paths, threads, memory) and do not affect what is learned.
inline constexpr Traits kHostOnly{/*portable=*/false, /*resumable=*/true};

/// A former name of an option, still accepted in a config.
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
