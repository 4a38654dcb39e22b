#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// jpeglib.h needs <cstdio> before it.
// clang-format off
#include <jpeglib.h>
// clang-format on

namespace unet {

/// How a JPEG of one color is written.
struct JpegRecipe {
  J_COLOR_SPACE given = JCS_RGB, stored = JCS_YCbCr;
  bool has_adobe_marker = false;
  bool is_progressive = false, is_arithmetic = false;
  int subsampling = 1;  ///< of the colors
};

/// A JPEG file of 32x32 pixels of one color, given in the channels of `recipe.given`.
inline std::string jpeg_file(const std::vector<uint8_t>& color, const JpegRecipe& recipe) {
  constexpr JDIMENSION kSide = 32;
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &bytes, &size);
  codec.image_width = codec.image_height = kSide;
  codec.input_components = static_cast<int>(color.size());
  codec.in_color_space = recipe.given;
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, recipe.stored);
  jpeg_set_quality(&codec, 95, TRUE);
  codec.write_Adobe_marker = recipe.has_adobe_marker ? TRUE : FALSE;
  codec.comp_info[0].h_samp_factor = codec.comp_info[0].v_samp_factor = recipe.subsampling;
  if (color.size() == 4) codec.comp_info[3].h_samp_factor = codec.comp_info[3].v_samp_factor = recipe.subsampling;
  codec.arith_code = recipe.is_arithmetic ? TRUE : FALSE;
  if (recipe.is_progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, TRUE);
  std::vector<uint8_t> row;
  for (JDIMENSION x = 0; x < kSide; ++x) row.insert(row.end(), color.begin(), color.end());
  for (JDIMENSION y = 0; y < kSide; ++y) {
    JSAMPROW start = row.data();
    jpeg_write_scanlines(&codec, &start, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  std::string file(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return file;
}

}  // namespace unet
