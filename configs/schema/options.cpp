#include "configs/schema/options.h"

namespace unet {

/// Takes the mutable references that `Options::fields` hands out and passes them on as const ones.
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
  // Safe because `fields` only lists, and the adapter lets nobody write. So that a struct lists its options once, for
  // readers and writers alike.
  const_cast<Options&>(options).fields(adapter);
}

}  // namespace unet
