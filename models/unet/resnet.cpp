#include "models/unet/resnet.h"

#include "configs/schema/error.h"
#include "models/unet/parts.h"

namespace unet {
namespace {

struct Design {
  std::string name;
  bool has_bottlenecks = false;  ///< blocks of 1x1, 3x3 and 1x1 convolutions
  std::vector<int64_t> blocks;   ///< number of blocks in layer1 to layer4
};

const std::vector<Design>& designs() {
  static const std::vector<Design> table{
      {"resnet18", false, {2, 2, 2, 2}}, {"resnet34", false, {3, 4, 6, 3}}, {"resnet50", true, {3, 4, 6, 3}}};
  return table;
}

constexpr int64_t kFirstChannels = 64;
constexpr int64_t kExpansion = 4;  ///< factor of the channels at the end of a bottleneck

class ResnetDescriber {
 public:
  ResnetDescriber(const Design& design, Graph& graph) : design_(design), graph_(graph) {}

  Value stem(Value image) const {
    return relu("encoder.relu", conv_norm("encoder.conv1", "encoder.bn1", image, kFirstChannels, 7, 2));
  }

  /// `index` counts from 1.
  Value layer(int64_t index, Value x) const {
    const std::string name = concat("encoder.layer", index);
    const Graph::Scope scope(graph_, kEncoderPart, name);
    const int64_t channels = kFirstChannels << (index - 1);
    for (int64_t block = 0; block < design_.blocks[static_cast<size_t>(index - 1)]; ++block) {
      const int64_t stride = index > 1 && block == 0 ? 2 : 1;
      x = residual_block(concat(name, ".", block), x, channels, stride);
    }
    return x;
  }

 private:
  Value conv_norm(const std::string& conv, const std::string& norm, Value x, int64_t out_channels, int64_t kernel,
                  int64_t stride) const {
    const op::Conv2d conv2d{graph_.channels(x), out_channels, kernel, (kernel - 1) / 2, /*bias=*/false, stride};
    x = graph_.add(conv, conv2d, {x});
    return graph_.add(norm, op::Norm{op::NormKind::batch, out_channels}, {x});
  }

  Value relu(const std::string& name, Value x) const {
    return graph_.add(name, op::Activation{op::ActivationKind::relu}, {x});
  }

  Value residual_block(const std::string& name, Value x, int64_t channels, int64_t stride) const {
    const auto part = [&](const char* kind, int index) { return concat(name, ".", kind, index); };
    const auto conv = [&](int index, Value in, int64_t out, int64_t kernel, int64_t step) {
      return conv_norm(part("conv", index), part("bn", index), in, out, kernel, step);
    };
    const int64_t out_channels = design_.has_bottlenecks ? kExpansion * channels : channels;
    Value y;
    if (design_.has_bottlenecks) {
      y = relu(part("relu", 1), conv(1, x, channels, 1, 1));
      y = relu(part("relu", 2), conv(2, y, channels, 3, stride));
      y = conv(3, y, out_channels, 1, 1);
    } else {
      y = relu(part("relu", 1), conv(1, x, channels, 3, stride));
      y = conv(2, y, channels, 3, 1);
    }
    Value shortcut = x;
    if (stride != 1 || graph_.channels(x) != out_channels)
      shortcut = conv_norm(name + ".downsample.0", name + ".downsample.1", x, out_channels, 1, stride);
    return relu(name + ".relu", graph_.add(name + ".add", op::Add{}, {y, shortcut}));
  }

  const Design& design_;
  Graph& graph_;
};

const Design& design_of(const std::string& name) {
  for (const Design& design : designs())
    if (design.name == name) return design;
  fail(ErrorKind::internal, "[resnet] no design named ", name);
}

}  // namespace

const std::vector<std::string>& resnet_names() {
  static const auto names = [] {
    std::vector<std::string> all;
    for (const Design& design : designs()) all.push_back(design.name);
    return all;
  }();
  return names;
}

int64_t resnet_channels(const std::string& name, int64_t level) {
  if (level == 1) return kFirstChannels;
  return (kFirstChannels << (level - 2)) * (design_of(name).has_bottlenecks ? kExpansion : 1);
}

std::vector<Value> describe_resnet(const std::string& name, int64_t levels, Value image, Graph& graph) {
  const Graph::Scope scope(graph, kEncoderPart, kEncoderPart);
  const ResnetDescriber describe(design_of(name), graph);
  std::vector<Value> features{describe.stem(image)};
  if (levels == 1) return features;
  Value x = graph.add("encoder.maxpool", op::MaxPool2d{{3, 3}, {2, 2}, 1}, {features[0]});
  for (int64_t level = 1; level < levels; ++level) {
    x = describe.layer(level, x);
    features.push_back(x);
  }
  return features;
}

}  // namespace unet
