#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace unet {

/// Owns an object of type T or of a derived class. Copying the owner copies the object, and a const owner gives const
/// access. C++26 has it as std::polymorphic.
template <class T>
class Polymorphic {
 public:
  template <class Derived, class = std::enable_if_t<std::is_base_of_v<T, Derived>>>
  explicit Polymorphic(Derived object)
      : object_(std::make_unique<Derived>(std::move(object))), copy_([](const T& original) -> std::unique_ptr<T> {
          return std::make_unique<Derived>(static_cast<const Derived&>(original));
        }) {}

  Polymorphic(const Polymorphic& other)
      : object_(other.object_ ? other.copy_(*other.object_) : nullptr), copy_(other.copy_) {}
  Polymorphic(Polymorphic&&) noexcept = default;
  Polymorphic& operator=(Polymorphic other) noexcept {
    std::swap(object_, other.object_);
    std::swap(copy_, other.copy_);
    return *this;
  }
  ~Polymorphic() = default;

  T& operator*() { return *object_; }
  const T& operator*() const { return *object_; }
  T* operator->() { return object_.get(); }
  const T* operator->() const { return object_.get(); }

 private:
  std::unique_ptr<T> object_;
  std::unique_ptr<T> (*copy_)(const T&);
};

}  // namespace unet
