#pragma once

#include <type_traits>
#include <utility>

#include "configs/schema/choice.h"
#include "configs/schema/field.h"

namespace unet {

class FieldVisitor;

template <class T>
inline constexpr bool kIsModeOrList = false;
template <class E>
inline constexpr bool kIsModeOrList<ModeOrList<E>> = true;

/// A struct of options. `fields` lists them once; reading, `--set`, defaults, the resolved copy, help and the JSON
/// Schema all come from that list.
class Options {
 public:
  virtual ~Options() = default;
  /// Passes each option to the visitor. Must not change any option, since ConstFieldVisitor calls it too.
  virtual void fields(FieldVisitor& visit) = 0;
};

/// Walks the options of a struct. Called as `visit("lr", lr, "peak learning rate", above(0))`; Limits, Traits and
/// former names may follow the meaning.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;

  template <class T, class... Qualifiers>
  void operator()(const char* name, T& value, const char* meaning, Qualifiers... qualifiers) {
    Field field{name, meaning};
    (field.add(std::move(qualifiers)), ...);
    constexpr bool is_nested =
        std::is_base_of_v<Options, T> || std::is_base_of_v<Choice, T> || std::is_base_of_v<ChoiceList, T>;
    static_assert(!is_nested || !(std::is_same_v<Traits, Qualifiers> || ...), "traits belong to single values");
    if constexpr (std::is_base_of_v<Options, T>) {
      group(field, value);
    } else if constexpr (std::is_base_of_v<Choice, T>) {
      choice(field, value);
    } else if constexpr (std::is_base_of_v<ChoiceList, T>) {
      choices(field, value);
    } else if constexpr (std::is_enum_v<T>) {
      field.limits.words = enum_names<T>();
      EnumValueOf<T> named(value);
      leaf(field, FieldValue(static_cast<EnumValue*>(&named)));
    } else if constexpr (kIsModeOrList<T>) {
      field.limits.words = enum_names<std::variant_alternative_t<0, T>>();
      ModeOrListValueOf<std::variant_alternative_t<0, T>> referred(value);
      leaf(field, FieldValue(static_cast<ModeOrListValue*>(&referred)));
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

/// Walks options without changing them.
class ConstFieldVisitor {
 public:
  virtual ~ConstFieldVisitor() = default;
  void walk(const Options& options);

 protected:
  virtual void leaf(const Field& field, ConstFieldValue value) = 0;
  virtual void group(const Field& field, const Options& options) = 0;
  virtual void choice(const Field& field, const Choice& choice) = 0;
  virtual void choices(const Field& field, const ChoiceList& choices) = 0;

 private:
  class Adapter;
};

}  // namespace unet
