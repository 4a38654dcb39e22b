#include "models/unet.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

const std::map<std::string, op::ActivationKind>& activation_kinds() {
  using Kind = op::ActivationKind;
  static const auto table = [] {
    std::map<std::string, Kind> by_name;
    for (const Kind kind : {Kind::relu, Kind::leaky_relu, Kind::elu, Kind::silu, Kind::gelu})
      by_name[op::activation_name(kind)] = kind;
    return by_name;
  }();
  return table;
}

const std::map<std::string, op::NormKind>& norm_kinds() {
  static const std::map<std::string, op::NormKind> table{
      {"batch", op::NormKind::batch}, {"instance", op::NormKind::instance}, {"group", op::NormKind::group}};
  return table;
}

template <class T>
std::vector<std::string> names(const std::map<std::string, T>& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.push_back(row.first);
  return names;
}

/// Writes the blocks of one U-Net into a graph.
class UNetDescriber {
 public:
  UNetDescriber(const UNetOptions& options, Graph& graph) : options_(options), graph_(graph) {}

  /// conv, norm, activation.
  Value conv_norm_activation(const std::string& name, const std::string& index, Value x, int64_t out_channels) {
    const bool has_norm = options_.norm != "none";
    const op::Conv2d conv{graph_.channels(x), out_channels, 3, 1, !has_norm};  // a norm's shift replaces the bias
    x = graph_.add(name + ".conv" + index, conv, {x});
    if (has_norm) {
      const int64_t groups = std::gcd(out_channels, options_.norm_groups);
      x = graph_.add(name + ".norm" + index, op::Norm{norm_kinds().at(options_.norm), out_channels, groups}, {x});
    }
    return graph_.add(name + ".activation" + index, op::Activation{activation_kinds().at(options_.activation)}, {x});
  }

  Value double_conv(const std::string& name, Value x, int64_t out_channels) {
    x = conv_norm_activation(name, "1", x, out_channels);
    return conv_norm_activation(name, "2", x, out_channels);
  }

  Value dropout(const std::string& name, Value x) {
    return options_.dropout == 0 ? x : graph_.add(name + ".dropout", op::Dropout{options_.dropout}, {x});
  }

  /// Doubles the resolution of `low` and joins it with `skip`.
  Value decoder_block(const std::string& name, Value low, Value skip) {
    const int64_t out_channels = graph_.channels(skip);
    const Value up = graph_.add(name + ".up", op::ConvTranspose2d{graph_.channels(low), out_channels}, {low});
    const Value joined = graph_.add(name + ".concatenate", op::Concatenate{}, {skip, up});
    return double_conv(name, joined, out_channels);
  }

 private:
  const UNetOptions& options_;
  Graph& graph_;
};

}  // namespace

void UNetOptions::fields(FieldVisitor& visit) {
  visit("num_classes", num_classes, "auto: from the masks; 1: one logit with a sigmoid, for two classes",
        in_range(1, kMaxClasses));
  visit("depth", depth, "how often the resolution is halved", in_range(1, 8));
  visit("base_channels", base_channels, "channels at full resolution; each level below has twice as many",
        in_range(1, 1024));
  visit("max_channels", max_channels, "no level has more channels", in_range(1, 8192));
  visit("norm", norm, "after each convolution", [] {
    auto words = names(norm_kinds());
    words.push_back("none");
    return one_of(words);
  }());
  visit("norm_groups", norm_groups, "groups of norm: group, at most", in_range(1, 1024));
  visit("activation", activation, "after each norm", one_of(names(activation_kinds())));
  visit("dropout", dropout, "probability, at the end of the contracting path", in_range(0, 0.95));
}

int64_t unet_channels(const UNetOptions& options, int64_t level) {
  return std::min(options.base_channels << level, options.max_channels);
}

int64_t unet_minimum_size(const UNetOptions& options) { return int64_t{2} << options.depth; }

Graph describe_unet(const UNetOptions& options, int64_t in_channels) {
  if (!options.num_classes) fail(ErrorKind::internal, "[unet] model.num_classes is still auto");
  Graph graph;
  UNetDescriber describe(options, graph);
  const Value image = graph.add("input", op::Input{in_channels}, {});
  const op::PadToMultiple pad{int64_t{1} << options.depth, unet_minimum_size(options)};
  Value x = graph.add("pad", pad, {image});

  std::vector<Value> skips;
  for (int64_t level = 0; level < options.depth; ++level) {
    const std::string name = "encoder." + std::to_string(level);
    x = describe.double_conv(name, x, unet_channels(options, level));
    if (level == options.depth - 1) x = describe.dropout(name, x);
    skips.push_back(x);
    x = graph.add(name + ".pool", op::MaxPool2d{}, {x});
  }
  x = describe.double_conv("bottleneck", x, unet_channels(options, options.depth));
  x = describe.dropout("bottleneck", x);
  for (int64_t block = 0; block < options.depth; ++block) {
    x = describe.decoder_block("decoder." + std::to_string(block), x, skips.back());
    skips.pop_back();
  }
  x = graph.add("head", op::Conv2d{graph.channels(x), *options.num_classes, 1, 0, true}, {x});
  graph.add("crop", op::CropLike{}, {x, image});
  return graph;
}

}  // namespace unet
