#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unet {

/// Channels of the inputs of a node that is about to be added to a graph.
class InputChannels {
 public:
  InputChannels(const std::string& node, std::vector<int64_t> channels) : node_(node), channels_(std::move(channels)) {}

  int64_t operator[](size_t input) const { return channels_.at(input); }
  const std::vector<int64_t>& all() const { return channels_; }

  /// Throws Error(internal) unless the first input has this number of channels.
  void expect(int64_t channels) const;

 private:
  const std::string& node_;
  std::vector<int64_t> channels_;
};

}  // namespace unet
