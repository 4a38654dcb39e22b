#pragma once

#include <string>
#include <variant>
#include <vector>

#include "configs/schema/options.h"
#include "models/graph/graph.h"

namespace unet {

/// A transposed convolution. Its output has `factor` times the size of its input if
/// dilation*(kernel_size - 1) + output_padding + 1 = stride + 2*padding, with stride = factor.
struct ConvTransposeUpsampling : Options {
  std::optional<PerAxis> kernel_size;  ///< auto: the stride
  std::optional<PerAxis> stride;       ///< auto: the factor
  PerAxis padding{0, 0};
  PerAxis output_padding{0, 0};
  int64_t groups = 1;
  bool bias = true;
  PerAxis dilation{1, 1};

  void fields(FieldVisitor& visit) override;
};

/// Nearest-neighbor interpolation, then a convolution. Source: Odena et al. 2016, doi:10.23915/distill.00003.
struct NearestUpsampling : Options {
  int64_t kernel_size = 3;  ///< 0: no convolution

  void fields(FieldVisitor& visit) override;
};

/// Bilinear interpolation and a convolution.
struct BilinearUpsampling : Options {
  int64_t kernel_size = 3;  ///< 0: no convolution
  bool align_corners = false;

  void fields(FieldVisitor& visit) override;
};

/// Sub-pixel convolution. Source: Shi et al. 2016, arXiv:1609.05158.
struct PixelShuffleUpsampling : Options {
  int64_t kernel_size = 3;

  void fields(FieldVisitor& visit) override;
};

/// `model.upsampling`: how a decoder block upsamples its input. The table of modes is in upsampling.cpp.
class Upsampling : public Choice {
 public:
  using Mode = std::variant<ConvTransposeUpsampling, NearestUpsampling, BilinearUpsampling, PixelShuffleUpsampling>;

  const char* key() const override { return "mode"; }
  std::vector<std::pair<std::string, std::string>> rows() const override;
  const std::string& name() const override;
  Options& choose(const std::string& name) override;
  Options& options() override;
  const Options& options() const override;
  std::unique_ptr<Choice> clone() const override { return std::make_unique<Upsampling>(*this); }

  const Mode& mode() const { return mode_; }
  Mode& mode() { return mode_; }

  /// Whether the mode keeps the number of channels, as an interpolation without a convolution does.
  bool keeps_channels() const;

 private:
  Mode mode_;
};

/// Returns the transposed convolution that upsamples by `factor`, with every `auto` filled in.
op::ConvTranspose2d transposed_convolution(const ConvTransposeUpsampling& options, const PerAxis& factor,
                                           int64_t in_channels, int64_t out_channels);

/// Whether `o` multiplies every size by exactly `factor`, with settings that LibTorch accepts.
bool enlarges_by(const op::ConvTranspose2d& o, const PerAxis& factor);

/// Returns up to `limit` settings near `o` that upsample by exactly its stride, the nearest first, e.g. "kernel_size 4
/// and padding 1".
std::vector<std::string> nearest_that_enlarge(const op::ConvTranspose2d& o, size_t limit);

/// Adds the nodes that upsample `low` by `factor`, under `name`. The result has `out_channels`, unless
/// `keeps_channels`.
Value describe_upsampling(const Upsampling& upsampling, const std::string& name, const PerAxis& factor,
                          int64_t out_channels, Value low, Graph& graph);

}  // namespace unet
