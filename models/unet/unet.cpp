#include "models/unet/unet.h"

#include <algorithm>
#include <numeric>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "models/unet/parts.h"
#include "models/unet/resnet.h"

namespace unet {
namespace {

constexpr int64_t kStackedFactor = 2;  ///< factor of one stacked upsampling

PerAxis times(const PerAxis& a, const PerAxis& b) { return {a[0] * b[0], a[1] * b[1]}; }

/// Number of rows, and of columns, that the block of a level removes from a feature map. Level `depth` is the
/// bottleneck.
int64_t shrinkage_at(const UNetOptions& options, int64_t level) {
  if (level < options.depth || options.bottleneck_dilations.empty())
    return options.convs_per_level * options.shrinkage(options.dilation);
  const auto& dilations = options.bottleneck_dilations;
  return std::accumulate(dilations.begin(), dilations.end(), int64_t{0},
                         [&](int64_t sum, int64_t dilation) { return sum + options.shrinkage(dilation); });
}

/// Height or width of the input of the first block and of the output of the last.
struct Extent {
  int64_t in = 0, out = 0;
};

/// Returns the extent of a network for a bottleneck input of `deepest` pixels; 0 if that is too small.
Extent extent(const UNetOptions& options, int64_t deepest, size_t axis) {
  Extent size{deepest, deepest - shrinkage_at(options, options.depth)};
  if (size.out < 2) return {};  // the variance of one pixel is 0
  for (int64_t level = options.depth - 1; level >= 0; --level) {
    const int64_t factor = unet_factor(options, level)[axis];
    size.in = size.in * factor + shrinkage_at(options, level);
    size.out = size.out * factor - shrinkage_at(options, level);
    if (size.out < 1) return {};
  }
  return size;
}

/// Writes one U-Net into a graph.
class UNetDescriber {
 public:
  UNetDescriber(const UNetOptions& options, Graph& graph) : options_(options), graph_(graph), blocks_(options, graph) {}

  void describe(int64_t in_channels) {
    const Value image = graph_.add("input", op::Input{in_channels}, {});
    const Value padded = graph_.add("pad", unet_padding(options_), {image});
    Value x = options_.has_plain_encoder() ? plain_encoder(padded) : resnet_encoder(padded);
    std::vector<Value> decoded(skips_.size());  // by level
    for (int64_t level = options_.depth - 1; level >= 0; --level) {
      x = decoder_block(level, x);
      decoded[static_cast<size_t>(level)] = x;
    }
    const Graph::Scope scope(graph_, kHeadPart, "");
    const Value logits = head(kHeadPart, x);
    for (size_t i = 0; i < options_.deep_supervision.size(); ++i)
      graph_.add_auxiliary(auxiliary_head(static_cast<int64_t>(i) + 1, decoded[i + 1], logits, image));
    graph_.add("crop", op::CropLike{}, {logits, image});
  }

 private:
  int64_t channels(int64_t level) const { return unet_channels(options_, level); }

  /// Output channels of a block: those of the level above if upsampling keeps the channels.
  int64_t block_channels(int64_t level) const {
    return channels(options_.upsampling.keeps_channels() && level > 0 ? level - 1 : level);
  }

  Value plain_encoder(Value x) {
    for (int64_t level = 0; level < options_.depth; ++level) {
      const std::string name = concat(kEncoderPart, ".", level);
      const Graph::Scope scope(graph_, kEncoderPart, name);
      x = blocks_.block(name, x, channels(level), channels(level));
      x = dropout(name, level, x);
      skips_.emplace_back(x);
      const PerAxis factor = unet_factor(options_, level);
      x = graph_.add(name + ".pool", op::MaxPool2d{factor, factor}, {x});
    }
    const Graph::Scope scope(graph_, kBottleneckPart, kBottleneckPart);
    const int64_t inner = channels(options_.depth), out = block_channels(options_.depth);
    x = options_.bottleneck_dilations.empty()
            ? blocks_.block(kBottleneckPart, x, inner, out)
            : blocks_.block(kBottleneckPart, x, inner, out, options_.bottleneck_dilations);
    return dropout(kBottleneckPart, options_.depth, x);
  }

  Value resnet_encoder(Value x) {
    const Graph::Scope scope(graph_, kEncoderPart, kEncoderPart);
    skips_.emplace_back();  // no feature has the full resolution
    auto features = describe_resnet(options_.encoder, options_.depth, x, graph_);
    for (size_t i = 0; i < features.size(); ++i) {
      const auto level = static_cast<int64_t>(i) + 1;
      features[i] = dropout("encoder.level" + std::to_string(level), level, features[i]);
    }
    skips_.insert(skips_.end(), features.begin(), features.end() - 1);
    return features.back();
  }

  Value dropout(const std::string& name, int64_t level, Value x) const {
    const auto& levels = options_.dropout_levels;
    const bool is_chosen =
        levels.empty() ? level >= options_.depth - 1 : std::find(levels.begin(), levels.end(), level) != levels.end();
    if (options_.dropout == 0 || !is_chosen) return x;
    return graph_.add(name + ".dropout", op::Dropout{options_.dropout}, {x});
  }

  /// Upsamples `low` to the resolution of `level` and concatenates it with the skip connection of that level.
  Value decoder_block(int64_t level, Value low) const {
    const std::string name = concat(kDecoderPart, ".", options_.depth - 1 - level);
    const Graph::Scope scope(graph_, kDecoderPart, name);
    Value x = describe_unet_upsampling(options_, name + ".up", level, channels(level), low, graph_);
    if (auto skip = skips_[static_cast<size_t>(level)]) {
      if (options_.padding == Padding::valid)
        skip = graph_.add(name + ".crop", op::CropLike{/*center=*/true}, {*skip, x});
      if (options_.attention_gates) skip = blocks_.attention_gate(name, *skip, x);
      x = graph_.add(name + ".concatenate", op::Concatenate{}, {*skip, x});
    }
    return blocks_.block(name, x, channels(level), block_channels(level));
  }

  Value head(const std::string& name, Value x) const {
    return graph_.add(name, op::Conv2d{graph_.channels(x), *options_.num_classes, 1, 0}, {x});
  }

  /// Adds the logits of a coarser level, upsampled to the size of the head's.
  Value auxiliary_head(int64_t level, Value x, Value logits, Value image) const {
    const std::string name = concat(kAuxiliaryHeadPart, ".", level);
    const Graph::Scope scope(graph_, kAuxiliaryHeadPart, name);
    PerAxis factor{1, 1};
    for (int64_t finer = 0; finer < level; ++finer) factor = times(factor, unet_factor(options_, finer));
    x = head(name, x);
    x = graph_.add(name + ".interpolate", op::Interpolate{op::InterpolateMode::bilinear, factor}, {x});
    if (options_.padding == Padding::valid)
      x = graph_.add(name + ".center", op::CropLike{/*center=*/true}, {x, logits});
    return graph_.add(name + ".crop", op::CropLike{}, {x, image});
  }

  const UNetOptions& options_;
  Graph& graph_;
  BlockDescriber blocks_;
  std::vector<std::optional<Value>> skips_;  ///< by level
};

}  // namespace

void UNetOptions::fields(FieldVisitor& visit) {
  const auto list_or_auto = [](double low, double high) {
    Limits limits = in_range(low, high);
    limits.words = {"auto"};
    return limits;
  };
  visit("num_classes", num_classes, "auto: from the masks; 1: one logit with a sigmoid, for two classes",
        in_range(1, kMaxClasses));
  visit("encoder", encoder, "encoder; ResNets define their own widths and have 5 levels: set depth to 5 to use all",
        [] {
          auto words = resnet_names();
          words.insert(words.begin(), "plain");
          return one_of(words);
        }());
  visit("encoder_weights", encoder_weights,
        "path of a torchvision ResNet state_dict with pretrained weights; none: random weights", kHostOnly);
  visit("depth", depth, "number of downsampling steps", in_range(1, 8));
  visit("base_channels", base_channels, "channels at full resolution, doubled at each level below", in_range(1, 1024));
  visit("max_channels", max_channels, "upper limit of the channels of a level", in_range(1, 8192));
  visit("factors", factors, "downsampling factor of each level, e.g. [2, 2, 4]; auto: 2, or upsampling.stride if given",
        list_or_auto(2, 8));
  visit("upsampling", upsampling, "upsampling in the decoder");
  visit("stacked", stacked, "upsample by a factor above 2 in several steps of 2; factors: auto then means 4");
  BlockOptions::fields(visit);
  visit("bottleneck_dilations", bottleneck_dilations,
        "dilations of the bottleneck convolutions, e.g. [1, 2, 4, 8]; auto: as at the other levels",
        list_or_auto(1, 64));
  visit("dropout", dropout, "dropout probability at the end of encoder levels; see dropout_levels", in_range(0, 0.95));
  visit("dropout_levels", dropout_levels, "encoder levels with dropout, 0 at full resolution; auto: the two deepest",
        list_or_auto(0, 8));
  visit("deep_supervision", deep_supervision,
        "weights of auxiliary losses at decoder levels 1, 2, ..., e.g. [0.5, 0.25]; []: off", above(0));
}

int64_t unet_channels(const UNetOptions& options, int64_t level) {
  return std::min(options.base_channels << level, options.max_channels);
}

PerAxis unet_factor(const UNetOptions& options, int64_t level) {
  if (!options.factors.empty()) {
    const int64_t factor = options.factors.at(static_cast<size_t>(level));
    return {factor, factor};
  }
  if (options.stacked) return {2 * kStackedFactor, 2 * kStackedFactor};
  const auto* transposed = std::get_if<ConvTransposeUpsampling>(&options.upsampling.mode());
  return transposed != nullptr ? transposed->stride.value_or(PerAxis{2, 2}) : PerAxis{2, 2};
}

Value describe_unet_upsampling(const UNetOptions& options, const std::string& name, int64_t level, int64_t out_channels,
                               Value low, Graph& graph) {
  const PerAxis factor = unet_factor(options, level);
  if (!options.stacked) return describe_upsampling(options.upsampling, name, factor, out_channels, low, graph);
  int64_t step = 0;
  for (int64_t left = factor[0]; left > 1; left /= kStackedFactor, ++step)
    low = describe_upsampling(options.upsampling, name + "." + std::to_string(step), {kStackedFactor, kStackedFactor},
                              out_channels, low, graph);
  return low;
}

op::Pad unet_padding(const UNetOptions& options) {
  op::Pad pad;
  pad.mirror = options.padding == Padding::valid;
  for (int64_t level = 0; level < options.depth; ++level)
    pad.multiple = times(pad.multiple, unet_factor(options, level));
  for (size_t axis = 0; axis < 2; ++axis) {
    int64_t deepest = 2;
    while (extent(options, deepest, axis).out == 0) ++deepest;
    const Extent least = extent(options, deepest, axis);
    pad.minimum[axis] = least.out;
    pad.remainder[axis] = least.out % pad.multiple[axis];
    pad.margin[axis] = (least.in - least.out) / 2;
  }
  return pad;
}

int64_t unet_minimum_size(const UNetOptions& options) {
  const op::Pad pad = unet_padding(options);
  return std::max(pad.minimum[0], pad.minimum[1]);
}

Graph describe_unet(const UNetOptions& options, int64_t in_channels) {
  if (!options.num_classes) fail(ErrorKind::internal, "[unet] model.num_classes is not resolved yet");
  Graph graph;
  UNetDescriber(options, graph).describe(in_channels);
  return graph;
}

}  // namespace unet
