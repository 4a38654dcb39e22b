#include "models/graph.h"

#include "configs/schema/error.h"

namespace unet {

Value Graph::add(std::string name, Op operation, std::vector<Value> inputs) {
  const auto input_channels = [&](size_t index) { return channels(inputs.at(index)); };
  const auto checked = [&](int64_t in, int64_t out) {
    if (input_channels(0) != in)
      fail(ErrorKind::internal, "[graph] ", name, ": got ", input_channels(0), " channels, expected ", in);
    return out;
  };
  const int64_t out =
      std::visit(overloaded{
                     [](const op::Input& o) { return o.channels; },
                     [&](const op::Conv2d& o) { return checked(o.in_channels, o.out_channels); },
                     [&](const op::ConvTranspose2d& o) { return checked(o.in_channels, o.out_channels); },
                     [&](const op::Norm& o) { return checked(o.channels, o.channels); },
                     [&](const op::Concatenate&) {
                       int64_t sum = 0;
                       for (size_t i = 0; i < inputs.size(); ++i) sum += input_channels(i);
                       return sum;
                     },
                     [&](const auto&) { return input_channels(0); },
                 },
                 operation);
  nodes_.push_back({std::move(name), std::move(operation), std::move(inputs), out});
  return {nodes_.size() - 1};
}

}  // namespace unet
