#pragma once

#include <string>
#include <vector>

#include "configs/schema/options.h"
#include "models/graph/graph.h"

namespace unet {

/// The normalization after a convolution.
enum class NormMode { batch, group, instance, none };
template <>
struct EnumNames<NormMode> {
  static constexpr EnumName<NormMode> table[] = {{"batch", NormMode::batch},
                                                 {"group", NormMode::group},
                                                 {"instance", NormMode::instance},
                                                 {"none", NormMode::none}};
};

/// The activations that blocks can have, under PyTorch's names.
template <>
struct EnumNames<op::ActivationKind> {
  using Kind = op::ActivationKind;
  static inline const EnumName<Kind> table[] = {{op::activation_name(Kind::elu), Kind::elu},
                                                {op::activation_name(Kind::gelu), Kind::gelu},
                                                {op::activation_name(Kind::leaky_relu), Kind::leaky_relu},
                                                {op::activation_name(Kind::prelu), Kind::prelu},
                                                {op::activation_name(Kind::relu), Kind::relu},
                                                {op::activation_name(Kind::silu), Kind::silu}};
};

/// Whether convolutions pad their input to keep its size (same) or not (valid).
enum class Padding { same, valid };
template <>
struct EnumNames<Padding> {
  static constexpr EnumName<Padding> table[] = {{"same", Padding::same}, {"valid", Padding::valid}};
};

/// Options of the convolutional blocks of a network.
struct BlockOptions : Options {
  NormMode norm = NormMode::batch;
  int64_t norm_groups = 8;
  op::ActivationKind activation = op::ActivationKind::relu;
  int64_t convs_per_level = 2;
  int64_t kernel_size = 3;
  int64_t dilation = 1;
  int64_t groups = 1;
  bool separable = false;
  bool residual = false;
  int64_t squeeze_excitation = 0;
  bool attention_gates = false;
  Padding padding = Padding::same;

  void fields(FieldVisitor& visit) override;

  /// Number of rows, and of columns, that a convolution removes from a feature map.
  int64_t shrinkage(int64_t dilation) const { return padding == Padding::valid ? dilation * (kernel_size - 1) : 0; }
};

/// Writes blocks into a graph.
class BlockDescriber {
 public:
  BlockDescriber(const BlockOptions& options, Graph& graph) : options_(options), graph_(graph) {}

  /// Adds one convolution for each of `dilations`, with norm and activation: NAME.conv1, NAME.norm1, ... The last has
  /// `out_channels`, the others have `inner_channels`. The options add a shortcut before the last activation
  /// (NAME.shortcut; He et al. 2016, arXiv:1512.03385) and squeeze-and-excitation (NAME.se; Hu et al. 2018,
  /// arXiv:1709.01507).
  Value block(const std::string& name, Value x, int64_t inner_channels, int64_t out_channels,
              const std::vector<int64_t>& dilations) const;

  /// Does the same with the number of convolutions and the dilation of the options.
  Value block(const std::string& name, Value x, int64_t inner_channels, int64_t out_channels) const;

  /// Multiplies `skip` by a map of weights in [0,1] that depends on it and on `gating`, of the same height and width:
  /// NAME.attention. Source: Oktay et al. 2018, arXiv:1804.03999, with the gate at the resolution of the skip
  /// connection.
  Value attention_gate(const std::string& name, Value skip, Value gating) const;

 private:
  Value convolution(const std::string& name, Value x, int64_t out_channels, int64_t dilation) const;
  Value pointwise(const std::string& name, Value x, int64_t out_channels) const;
  Value norm(const std::string& name, Value x) const;
  Value activation(const std::string& name, Value x) const;
  Value shortcut(const std::string& name, Value x, Value like) const;
  Value squeeze_excitation(const std::string& name, Value x) const;

  const BlockOptions& options_;
  Graph& graph_;
};

}  // namespace unet
