#pragma once

#include <string>
#include <variant>

#include "models/graph/operations/activation.h"
#include "models/graph/operations/convolution.h"
#include "models/graph/operations/dropout.h"
#include "models/graph/operations/enlarging.h"
#include "models/graph/operations/input.h"
#include "models/graph/operations/joining.h"
#include "models/graph/operations/norm.h"
#include "models/graph/operations/padding.h"
#include "models/graph/operations/pooling.h"

namespace unet {

/// The only list of the primitive operations that networks are made of. Names and meanings are PyTorch's.
using Op = std::variant<op::Input, op::Conv2d, op::ConvTranspose2d, op::Norm, op::Activation, op::Dropout,
                        op::MaxPool2d, op::GlobalAvgPool2d, op::Concatenate, op::Add, op::Multiply, op::Interpolate,
                        op::PixelShuffle, op::Pad, op::CropLike>;

inline OperationTraits traits_of(const Op& operation) {
  return std::visit([](const auto& o) { return o.traits(); }, operation);
}

/// Returns name and settings of an operation to print, e.g. "conv 3x3".
inline std::string operation_text(const Op& operation) {
  return std::visit([](const auto& o) { return o.text(); }, operation);
}

/// Merges visitors of a variant: `std::visit(overloaded{[](const op::Conv2d&) {...}, ...}, node.op)`.
template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace unet
