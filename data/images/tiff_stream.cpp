#include "data/images/tiff_stream.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <mutex>

namespace unet {
namespace {

TiffStream& stream_of(thandle_t handle) { return *static_cast<TiffStream*>(handle); }

/// Reads from the disk. No exception may pass through libtiff.
tmsize_t read_from_file(TiffStream& stream, void* out, size_t count) {
  try {
    const size_t taken = stream.file->read_some(stream.offset, count, out);
    stream.offset += taken;
    return static_cast<tmsize_t>(taken);
  } catch (const std::exception& error) {
    if (stream.message.empty()) stream.message = error.what();
    return -1;
  }
}

tmsize_t read_bytes(thandle_t handle, void* out, tmsize_t count) {
  TiffStream& stream = stream_of(handle);
  if (stream.file != nullptr) return read_from_file(stream, out, static_cast<size_t>(count));
  const std::string_view bytes = stream.bytes();
  const size_t begin = std::min(stream.offset, bytes.size());
  const size_t taken = std::min(static_cast<size_t>(count), bytes.size() - begin);
  std::memcpy(out, bytes.data() + begin, taken);
  stream.offset += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t write_bytes(thandle_t handle, void* data, tmsize_t count) {
  TiffStream& stream = stream_of(handle);
  const size_t end = stream.offset + static_cast<size_t>(count);
  if (stream.written.size() < end) stream.written.resize(end);
  std::memcpy(stream.written.data() + stream.offset, data, static_cast<size_t>(count));
  stream.offset = end;
  return count;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  TiffStream& stream = stream_of(handle);
  const size_t base = whence == SEEK_CUR ? stream.offset : whence == SEEK_END ? stream.size() : 0;
  stream.offset = base + static_cast<size_t>(offset);
  return stream.offset;
}

int close(thandle_t) { return 0; }

toff_t size(thandle_t handle) { return stream_of(handle).size(); }

void keep_first_error(TiffStream& stream, const char* format, va_list arguments) {
  if (!stream.message.empty()) return;
  char text[256];
  std::vsnprintf(text, sizeof text, format, arguments);
  stream.message = text;
}

#if TIFFLIB_VERSION >= 20221213  // 4.5

int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  keep_first_error(*static_cast<TiffStream*>(user), format, arguments);
  return 1;
}

int drop_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

TIFF* open_quietly(TiffStream& stream, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &stream);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop_warning, nullptr);
  return TIFFClientOpenExt("", mode, &stream, read_bytes, write_bytes, seek, close, size, nullptr, nullptr,
                           options.get());
}

#else  // Error handlers are process-wide and get the handle of the file; only this file opens TIFF files.

void on_error(thandle_t handle, const char*, const char* format, va_list arguments) {
  if (handle != nullptr) keep_first_error(stream_of(handle), format, arguments);
}

void set_handlers() {
  TIFFSetErrorHandler(nullptr);
  TIFFSetErrorHandlerExt(on_error);
  TIFFSetWarningHandler(nullptr);
  TIFFSetWarningHandlerExt(nullptr);
}

TIFF* open_quietly(TiffStream& stream, const char* mode) {
  static std::once_flag once;
  std::call_once(once, set_handlers);
  return TIFFClientOpen("", mode, &stream, read_bytes, write_bytes, seek, close, size, nullptr, nullptr);
}

#endif

}  // namespace

TiffHandle open_tiff(TiffStream& stream, const char* mode) { return TiffHandle(open_quietly(stream, mode), TIFFClose); }

}  // namespace unet
