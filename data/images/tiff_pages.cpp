#include "data/images/tiff_pages.h"

#include <utility>

#include "configs/schema/error.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

bool write_page(TIFF* tiff, const cv::Mat& page) {
  constexpr int kFastestDeflate = 1;
  const bool is_float = page.depth() == CV_32F;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.cols);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.rows);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * page.elemSize1()));
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page.channels());
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.channels() == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, kFastestDeflate);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, is_float ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  for (int y = 0; y < page.rows; ++y) {
    cv::Mat row = page.row(y).clone();  // the predictor works in place
    if (TIFFWriteScanline(tiff, row.data, static_cast<uint32_t>(y), 0) != 1) return false;
  }
  return TIFFWriteDirectory(tiff) == 1;
}

}  // namespace

TiffPages::TiffPages(std::string path) : path_(std::move(path)), tiff_(open_tiff(stream_, "w")) {
  if (!tiff_) refuse();
}

void TiffPages::refuse() const { fail(ErrorKind::internal, path_, ": libtiff failed: ", stream_.message); }

void TiffPages::add(const cv::Mat& page) {
  if (!write_page(tiff_.get(), page)) refuse();
}

void TiffPages::finish() {
  tiff_.reset();
  if (!stream_.message.empty()) refuse();
  write_file(path_, stream_.written);
}

}  // namespace unet
