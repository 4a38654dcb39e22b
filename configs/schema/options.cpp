#include "configs/schema/options.h"

namespace unet {

/// Passes the mutable references of `Options::fields` on as const ones.
class ConstFieldVisitor::Adapter : public FieldVisitor {
 public:
  explicit Adapter(ConstFieldVisitor& visitor) : visitor_(visitor) {}

 protected:
  void leaf(const Field& field, FieldValue value) override {
    std::visit([&](const auto* pointer) { visitor_.leaf(field, ConstFieldValue(pointer)); }, value);
  }
  void group(const Field& field, Options& options) override { visitor_.group(field, options); }
  void choice(const Field& field, Choice& choice) override { visitor_.choice(field, choice); }
  void choices(const Field& field, ChoiceList& choices) override { visitor_.choices(field, choices); }

 private:
  ConstFieldVisitor& visitor_;
};

void ConstFieldVisitor::walk(const Options& options) {
  Adapter adapter(*this);
  // Lets a struct list its options once for const and mutable visitors. Safe: `fields` only lists, and the adapter
  // passes const references.
  const_cast<Options&>(options).fields(adapter);
}

}  // namespace unet
