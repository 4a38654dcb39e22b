#include "models/fused/convolution/weight_gradient_amx.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "models/kernels/amx_tiles.h"
#include "models/kernels/parallel.h"

namespace unet::kernels {

// A tile holds 16 rows of 64 bytes. The product of two tiles adds to 16x16 floats, for 16 outputs and 16 inputs, the
// sum over 32 pixels of (gradient of y at the pixel) x (x at the pixel, shifted by the tap). Their layouts:
// - gradients are transposed: 16 rows, one for each output, of 32 pixels;
// - values of x are interleaved: 16 rows, one for each pair of pixels, of 16 inputs with 2 values each.
// Rows of pixels have `pitch_` pixels, enough for all columns that a row of y depends on; pixels beyond y have gradient
// 0. A tap is therefore an offset into x, in rows and columns. An odd offset would split pairs, so x is stored twice:
// with pairs that begin at even columns and with pairs that begin at odd columns.

namespace {

constexpr int64_t kStepPixels = 32, kBlockChannels = 32;  // rows of a product of two by two tiles
constexpr int64_t kL2Bytes = 1 << 20;  // limit for a block of pixels: half of the L2 cache of processors with AMX

/// Adds up `sums` of 32 inputs and 32 outputs at all taps, in the layout of a Share, and writes them in the layout of
/// the weights.
UNET_AMX void write_sums(const ConvolutionSizes& s, const std::vector<const float*>& sums, int64_t first_input,
                         int64_t first_output, int64_t outputs, float* grad_weight) {
  const int64_t taps = s.kernel_height * s.kernel_width;
  const auto mask = (uint64_t{1} << std::min(kBlockChannels, s.inputs - first_input)) - 1;
  // The first tile holds the first 4 of every 8 inputs, the second tile the last 4.
  const __m512i low = _mm512_set_epi32(23, 22, 21, 20, 7, 6, 5, 4, 19, 18, 17, 16, 3, 2, 1, 0);
  const __m512i high = _mm512_set_epi32(31, 30, 29, 28, 15, 14, 13, 12, 27, 26, 25, 24, 11, 10, 9, 8);
  for (int64_t output = 0; output < outputs; ++output)
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t row = (tap * 4 + output / 16 * 2) * kTileFloats + output % 16 * 16;
      __m512 a = _mm512_setzero_ps(), b = _mm512_setzero_ps();
      for (const float* own : sums) {
        a = _mm512_add_ps(a, _mm512_load_ps(own + row));
        b = _mm512_add_ps(b, _mm512_load_ps(own + row + kTileFloats));
      }
      float* to = grad_weight + ((first_output + output) * taps + tap) * s.inputs + first_input;
      _mm512_mask_storeu_ps(to, static_cast<__mmask16>(mask), _mm512_permutex2var_ps(a, low, b));
      _mm512_mask_storeu_ps(to + 16, static_cast<__mmask16>(mask >> 16), _mm512_permutex2var_ps(a, high, b));
    }
}

/// The part of the work that a thread does: some outputs and some rows of y.
class Share {
 public:
  Share(const ConvolutionSizes& sizes, const Bf16* x, const Bf16* grad_y, int64_t first_output, int64_t outputs)
      : s_(sizes),
        x_(x),
        grad_y_(grad_y),
        first_output_(first_output),
        outputs_(outputs),
        pitch_(blocks_in(sizes.y_width() + sizes.kernel_width - 1, 2) * 2),
        output_blocks_(blocks_in(outputs, kBlockChannels)),
        input_blocks_(blocks_in(sizes.inputs, kBlockChannels)) {}

  /// Adds up rows [begin, end) of y, counted over all images. Writes the result to `grad_weight`; if that is null,
  /// keeps it for `sums_of`.
  void add_rows(int64_t begin, int64_t end, float* grad_weight) {
    const int64_t row_bytes = pitch_ * 64 * (output_blocks_ + 2);
    const int64_t rows = std::min(end - begin, std::max(s_.kernel_height, kL2Bytes / row_bytes));
    keeps_sums_ = grad_weight == nullptr || begin + rows < end;
    allocate_buffers(rows);
    const TileSession session;
    for (int64_t first = begin; first < end; first += rows)
      add_block(first, std::min(end, first + rows), first == begin, first + rows >= end ? grad_weight : nullptr);
  }

  /// Sums of a block of 32 inputs and 32 outputs: four tiles for each tap.
  float* sums_of(int64_t input_block, int64_t output_block) const {
    const int64_t place = keeps_sums_ ? input_block * output_blocks_ + output_block : 0;
    return sums_.get() + place * taps() * 4 * kTileFloats;
  }

 private:
  /// The rows of one image in a block of rows.
  struct Segment {
    int64_t image, first_row, rows, first_step, steps, first_pair;
  };

  int64_t taps() const { return s_.kernel_height * s_.kernel_width; }

  /// Allocates memory for blocks of this number of rows.
  void allocate_buffers(int64_t rows) {
    // Every image in a block may end in a partly filled step, and needs all rows that its taps read.
    const int64_t images = std::min(s_.images, blocks_in(rows, s_.y_height()) + 1);
    steps_ = blocks_in(rows * pitch_, kStepPixels) + images;
    pairs_ = (rows + images * (s_.kernel_height - 1)) * pitch_ / 2 + images * kStepPixels + s_.kernel_width;
    gradients_ = allocate<char>(output_blocks_ * steps_ * 2 * kTileBytes);
    values_ = allocate<char>(2 * 2 * pairs_ * 64);
    // Gaps between rows are multiplied by gradients of 0, so they must be finite.
    std::memset(values_.get(), 0, static_cast<size_t>(2 * 2 * pairs_ * 64));
    sums_ = allocate<float>((keeps_sums_ ? input_blocks_ * output_blocks_ : 1) * taps() * 4 * kTileFloats);
  }

  char* gradients_of(int64_t output_block, int64_t step) const {
    return gradients_.get() + (output_block * steps_ + step) * 2 * kTileBytes;
  }

  /// `odd`: pairs that begin at odd columns. `half`: see transpose.
  char* values_of(int64_t odd, int64_t half, int64_t pair) const {
    return values_.get() + ((odd * 2 + half) * pairs_ + pair) * 64;
  }

  std::vector<Segment> segments_of(int64_t begin, int64_t end) const {
    std::vector<Segment> segments;
    int64_t step = 0, pair = 0;
    for (int64_t row = begin; row < end;) {
      const int64_t first = row % s_.y_height(), rows = std::min(s_.y_height() - first, end - row);
      const int64_t steps = blocks_in(rows * pitch_, kStepPixels);
      segments.push_back({row / s_.y_height(), first, rows, step, steps, pair});
      step += steps;
      pair += (rows + s_.kernel_height - 1) * pitch_ / 2 + kStepPixels / 2;  // the last step reads beyond the rows
      row += rows;
    }
    return segments;
  }

  void add_block(int64_t begin, int64_t end, bool is_first, float* grad_weight) {
    const auto segments = segments_of(begin, end);
    for (const Segment& segment : segments)
      for (int64_t block = 0; block < output_blocks_; ++block) transpose_gradients(segment, block);
    for (int64_t input_block = 0; input_block < input_blocks_; ++input_block) {
      for (const Segment& segment : segments) interleave_values(segment, input_block);
      for (int64_t output_block = 0; output_block < output_blocks_; ++output_block) {
        float* sums = sums_of(input_block, output_block);
        for (int64_t tap = 0; tap < taps(); ++tap)
          add_products(segments, output_block, tap, is_first, sums + tap * 4 * kTileFloats);
        const int64_t output = output_block * kBlockChannels;
        if (grad_weight != nullptr)
          write_sums(s_, {sums}, input_block * kBlockChannels, first_output_ + output,
                     std::min(kBlockChannels, outputs_ - output), grad_weight);
      }
    }
  }

  UNET_AMX void transpose_gradients(const Segment& segment, int64_t block) {
    alignas(64) static constexpr Bf16 kZeros[kBlockChannels] = {};
    const int64_t count = std::min(kBlockChannels, outputs_ - block * kBlockChannels);
    const auto mask = static_cast<__mmask32>((uint64_t{1} << count) - 1);
    const Bf16* from = grad_y_ + (segment.image * s_.y_height() + segment.first_row) * s_.y_width() * s_.y_stride +
                       first_output_ + block * kBlockChannels;
    int64_t row = 0, column = 0;
    std::array<const Bf16*, kStepPixels> places;
    for (int64_t step = 0; step < segment.steps; ++step) {
      for (auto& place : places) {
        const bool is_inside = column < s_.y_width() && row < segment.rows;
        place = is_inside ? from + (row * s_.y_width() + column) * s_.y_stride : kZeros;
        if (++column == pitch_) {
          column = 0;
          ++row;
        }
      }
      transpose(places, mask, gradients_of(block, segment.first_step + step));
    }
  }

  UNET_AMX void interleave_values(const Segment& segment, int64_t block) {
    const int64_t count = std::min(kBlockChannels, s_.inputs - block * kBlockChannels);
    const auto mask = static_cast<__mmask32>((uint64_t{1} << count) - 1);
    int64_t pair = segment.first_pair;
    for (int64_t i = 0; i < segment.rows + s_.kernel_height - 1; ++i) {
      const int64_t row = segment.first_row + i - s_.padding_height;
      const Bf16* from = x_ + (segment.image * s_.height + row) * s_.width * s_.x_stride + block * kBlockChannels;
      const int64_t width = row >= 0 && row < s_.height ? s_.width : 0;
      const auto value = [&](int64_t column) UNET_AMX {
        const int64_t x_column = column - s_.padding_width;
        return x_column >= 0 && x_column < width ? _mm512_maskz_loadu_epi16(mask, from + x_column * s_.x_stride)
                                                 : _mm512_setzero_si512();
      };
      __m512i a = value(0);
      for (int64_t column = 0; column < pitch_; column += 2, ++pair) {
        const __m512i b = value(column + 1), c = value(column + 2);
        _mm512_store_si512(values_of(0, 0, pair), _mm512_unpacklo_epi16(a, b));
        _mm512_store_si512(values_of(0, 1, pair), _mm512_unpackhi_epi16(a, b));
        _mm512_store_si512(values_of(1, 0, pair), _mm512_unpacklo_epi16(b, c));
        _mm512_store_si512(values_of(1, 1, pair), _mm512_unpackhi_epi16(b, c));
        a = c;
      }
    }
  }

  UNET_AMX void add_products(const std::vector<Segment>& segments, int64_t output_block, int64_t tap, bool is_first,
                             float* sums) {
    const int64_t tap_row = tap / s_.kernel_width, tap_column = tap % s_.kernel_width;
    asm volatile("" ::: "memory");  // the compiler does not see the memory accesses of tiles
    if (is_first) {
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
    } else {
      _tile_loadd(0, sums, 64);
      _tile_loadd(1, sums + kTileFloats, 64);
      _tile_loadd(2, sums + 2 * kTileFloats, 64);
      _tile_loadd(3, sums + 3 * kTileFloats, 64);
    }
    for (const Segment& segment : segments) {
      const int64_t pair = segment.first_pair + tap_row * pitch_ / 2 + tap_column / 2;
      const char* gradients = gradients_of(output_block, segment.first_step);
      const char* first = values_of(tap_column % 2, 0, pair);
      const char* second = values_of(tap_column % 2, 1, pair);
      for (int64_t step = 0; step < segment.steps; ++step) {
        _tile_loadd(6, first + step * kTileBytes, 64);
        _tile_loadd(4, gradients + step * 2 * kTileBytes, 64);
        _tile_loadd(7, second + step * kTileBytes, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(5, gradients + step * 2 * kTileBytes + kTileBytes, 64);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      }
    }
    _tile_stored(0, sums, 64);
    _tile_stored(1, sums + kTileFloats, 64);
    _tile_stored(2, sums + 2 * kTileFloats, 64);
    _tile_stored(3, sums + 3 * kTileFloats, 64);
    asm volatile("" ::: "memory");
  }

  ConvolutionSizes s_;
  const Bf16 *x_, *grad_y_;
  int64_t first_output_, outputs_;
  int64_t pitch_;                         ///< number of pixels in a row
  int64_t output_blocks_, input_blocks_;  ///< of 32 channels
  int64_t steps_ = 0, pairs_ = 0;         ///< capacity of the memory
  bool keeps_sums_ = false;
  Aligned<char> gradients_, values_;
  Aligned<float> sums_;
};

}  // namespace

void weight_gradient(const ConvolutionSizes& s, const Bf16* x, const Bf16* grad_y, float* grad_weight) {
  // With more weights than this, threads split the outputs rather than the rows, and no sums need to be added up.
  constexpr int64_t kLargeSums = 1 << 18;
  const int64_t threads = thread_count(), rows = s.images * s.y_height();
  const int64_t output_blocks = blocks_in(s.outputs, kBlockChannels),
                input_blocks = blocks_in(s.inputs, kBlockChannels);
  const int64_t weights = s.outputs * s.inputs * s.kernel_height * s.kernel_width;
  if (weights > kLargeSums && output_blocks > 1) {
    parallel_for(0, output_blocks, blocks_in(output_blocks, threads), [&](int64_t first, int64_t last) {
      const int64_t output = first * kBlockChannels;
      Share(s, x, grad_y, output, std::min(s.outputs, last * kBlockChannels) - output).add_rows(0, rows, grad_weight);
    });
    return;
  }
  std::vector<Share> shares;
  const int64_t count = std::min(threads, rows);
  for (int64_t i = 0; i < count; ++i) shares.emplace_back(s, x, grad_y, 0, s.outputs);
  parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      shares[static_cast<size_t>(i)].add_rows(rows * i / count, rows * (i + 1) / count, nullptr);
  });
  parallel_for(0, input_blocks * output_blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t input_block = i / output_blocks, output_block = i % output_blocks;
      const int64_t output = output_block * kBlockChannels;
      std::vector<const float*> sums;
      for (const Share& share : shares) sums.push_back(share.sums_of(input_block, output_block));
      write_sums(s, sums, input_block * kBlockChannels, output, std::min(kBlockChannels, s.outputs - output),
                 grad_weight);
    }
  });
}

}  // namespace unet::kernels
