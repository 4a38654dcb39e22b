#include "models/unet/upsampling.h"

#include <algorithm>
#include <cstdlib>

#include "configs/schema/suggest.h"

namespace unet {
namespace {

struct Row {
  std::string name;
  std::string meaning;
  Upsampling::Mode mode;
};

/// Names and meanings, in the order of Upsampling::Mode.
const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      {"conv_transpose", "transposed convolution, as in the U-Net paper", ConvTransposeUpsampling{}},
      {"nearest", "nearest-neighbor interpolation and a convolution; no checkerboard artifacts", NearestUpsampling{}},
      {"bilinear", "bilinear interpolation and a convolution; no checkerboard artifacts", BilinearUpsampling{}},
      {"pixel_shuffle", "convolution and pixel shuffle; starts without checkerboard artifacts",
       PixelShuffleUpsampling{}}};
  return rows;
}

Limits odd_kernel(double least) { return in_range(least, 15); }

/// Adds a convolution that keeps height and width.
Value same_convolution(const std::string& name, int64_t kernel_size, int64_t out_channels, Value x, Graph& graph) {
  return graph.add(name + ".conv",
                   op::Conv2d{graph.channels(x), out_channels, kernel_size, (kernel_size - 1) / 2, /*bias=*/true}, {x});
}

Value interpolate(op::Interpolate o, int64_t kernel_size, const std::string& name, int64_t out_channels, Value low,
                  Graph& graph) {
  const Value large = graph.add(name + ".interpolate", o, {low});
  return kernel_size == 0 ? large : same_convolution(name, kernel_size, out_channels, large, graph);
}

struct SettingChange {
  const char* name;
  PerAxis op::ConvTranspose2d::*setting;
};

constexpr SettingChange kChanges[] = {{"kernel_size", &op::ConvTranspose2d::kernel_size},
                                      {"padding", &op::ConvTranspose2d::padding},
                                      {"output_padding", &op::ConvTranspose2d::output_padding}};

/// Whether some output pixels depend on no input pixel.
bool leaves_gaps(const op::ConvTranspose2d& o) {
  for (size_t axis = 0; axis < 2; ++axis) {
    std::vector<bool> reached(static_cast<size_t>(o.stride[axis]));
    for (int64_t tap = 0; tap < o.kernel_size[axis]; ++tap)
      reached[static_cast<size_t>(tap * o.dilation[axis] % o.stride[axis])] = true;
    if (std::find(reached.begin(), reached.end(), false) != reached.end()) return true;
  }
  return false;
}

}  // namespace

void ConvTransposeUpsampling::fields(FieldVisitor& visit) {
  visit("kernel_size", kernel_size, "kernel size; auto: the stride, so that kernels do not overlap", in_range(1, 16));
  visit("stride", stride, "stride; auto: the downsampling factor of the level", in_range(1, 8));
  visit("padding", padding, "padding as in ConvTranspose2d: rows and columns removed from each side of the output",
        in_range(0, 64));
  visit("output_padding", output_padding,
        "output_padding as in ConvTranspose2d: rows and columns added at the bottom and right", in_range(0, 64));
  visit("groups", groups, "groups of the transposed convolution", in_range(1, 8192));
  visit("bias", bias, "whether the transposed convolution has a bias");
  visit("dilation", dilation, "dilation of the transposed convolution", in_range(1, 16));
}

void NearestUpsampling::fields(FieldVisitor& visit) {
  visit("kernel_size", kernel_size, "kernel size of the convolution, odd; 0: no convolution, only the interpolation",
        odd_kernel(0));
}

void BilinearUpsampling::fields(FieldVisitor& visit) {
  visit("kernel_size", kernel_size, "kernel size of the convolution, odd; 0: no convolution, only the interpolation",
        odd_kernel(0));
  visit("align_corners", align_corners, "align_corners of torch.nn.Upsample; true in some older networks");
}

void PixelShuffleUpsampling::fields(FieldVisitor& visit) {
  visit("kernel_size", kernel_size, "kernel size of the convolution, odd", odd_kernel(1));
}

std::vector<std::pair<std::string, std::string>> Upsampling::rows() const {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Row& row : table()) rows.emplace_back(row.name, row.meaning);
  return rows;
}

const std::string& Upsampling::name() const { return table().at(mode_.index()).name; }

Options& Upsampling::choose(const std::string& wanted) {
  if (wanted == name()) return options();
  for (const Row& row : table())
    if (wanted == row.name) {
      mode_ = row.mode;
      return options();
    }
  fail(ErrorKind::config, "unknown upsampling mode: got '", wanted, "', expected one of ", join(row_names(*this)));
}

Options& Upsampling::options() {
  return std::visit([](Options& options) -> Options& { return options; }, mode_);
}

const Options& Upsampling::options() const {
  return std::visit([](const Options& options) -> const Options& { return options; }, mode_);
}

bool Upsampling::keeps_channels() const {
  return std::visit(overloaded{[](const ConvTransposeUpsampling&) { return false; },
                               [](const PixelShuffleUpsampling&) { return false; },
                               [](const NearestUpsampling& o) { return o.kernel_size == 0; },
                               [](const BilinearUpsampling& o) { return o.kernel_size == 0; }},
                    mode_);
}

op::ConvTranspose2d transposed_convolution(const ConvTransposeUpsampling& options, const PerAxis& factor,
                                           int64_t in_channels, int64_t out_channels) {
  const PerAxis stride = options.stride.value_or(factor);
  return {in_channels,    out_channels,    options.kernel_size.value_or(stride),
          stride,         options.padding, options.output_padding,
          options.groups, options.bias,    options.dilation};
}

bool enlarges_by(const op::ConvTranspose2d& o, const PerAxis& factor) {
  for (size_t axis = 0; axis < 2; ++axis) {
    const bool is_exact = o.stride[axis] == factor[axis] && op::output_size(1, o, axis) == factor[axis];
    if (!is_exact || o.output_padding[axis] >= std::max(o.stride[axis], o.dilation[axis])) return false;
  }
  return true;
}

std::vector<std::string> nearest_that_enlarge(const op::ConvTranspose2d& o, size_t limit) {
  struct Found {
    int64_t changes = 0, distance = 0;
    std::string text;
  };
  std::vector<Found> all;
  constexpr int64_t kLargest = 16;
  for (int64_t kernel_size = 1; kernel_size <= kLargest; ++kernel_size)
    for (int64_t padding = 0; padding < kLargest; ++padding)
      for (int64_t output_padding = 0; output_padding < 8; ++output_padding) {
        op::ConvTranspose2d other = o;
        const int64_t values[] = {kernel_size, padding, output_padding};
        Found found;
        std::vector<std::string> words;
        for (size_t i = 0; i < 3; ++i) {
          other.*kChanges[i].setting = {values[i], values[i]};
          const PerAxis& before = o.*kChanges[i].setting;
          if (before == PerAxis{values[i], values[i]}) continue;
          ++found.changes;
          found.distance += std::max(std::abs(values[i] - before[0]), std::abs(values[i] - before[1]));
          words.push_back(concat(kChanges[i].name, " ", values[i]));
        }
        if (!enlarges_by(other, o.stride) || leaves_gaps(other)) continue;
        found.text = join(words, " and ");
        all.push_back(std::move(found));
      }
  std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
    return std::pair(a.changes, a.distance) < std::pair(b.changes, b.distance);
  });
  std::vector<std::string> texts;
  for (const Found& found : all)
    if (texts.size() < limit) texts.push_back(found.text);
  if (texts.empty() && o.stride[0] != o.stride[1]) {  // no setting is right for both axes
    const PerAxis kernel{(o.stride[0] - 1) / o.dilation[0] + 1, (o.stride[1] - 1) / o.dilation[1] + 1};
    if (o.dilation == PerAxis{1, 1})
      texts.push_back(concat("kernel_size ", text_of(kernel), " and padding 0 and output_padding 0"));
  }
  return texts;
}

Value describe_upsampling(const Upsampling& upsampling, const std::string& name, const PerAxis& factor,
                          int64_t out_channels, Value low, Graph& graph) {
  return std::visit(
      overloaded{
          [&](const ConvTransposeUpsampling& o) {
            return graph.add(name, transposed_convolution(o, factor, graph.channels(low), out_channels), {low});
          },
          [&](const NearestUpsampling& o) {
            return interpolate({op::InterpolateMode::nearest, factor}, o.kernel_size, name, out_channels, low, graph);
          },
          [&](const BilinearUpsampling& o) {
            return interpolate({op::InterpolateMode::bilinear, factor, o.align_corners}, o.kernel_size, name,
                               out_channels, low, graph);
          },
          [&](const PixelShuffleUpsampling& o) {
            const int64_t pixels = factor[0] * factor[1];
            const Value x = same_convolution(name, o.kernel_size, out_channels * pixels, low, graph);
            return graph.add(name + ".shuffle", op::PixelShuffle{factor[0]}, {x});
          },
      },
      upsampling.mode());
}

}  // namespace unet
