#include "app/runtime/out_of_memory.h"

#include <c10/util/Exception.h>

#include <new>
#include <opencv2/core.hpp>
#include <string>

namespace unet {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (const auto* opencv_error = dynamic_cast<const cv::Exception*>(&error))
    return opencv_error->code == cv::Error::StsNoMem;
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  if (torch_error == nullptr) return false;
  const std::string text = torch_error->what_without_backtrace();  // LibTorch has no exception type for CPU memory
  for (const char* sign : {"out of memory", "can't allocate memory", "not enough memory"})
    if (text.find(sign) != std::string::npos) return true;
  return false;
}

}  // namespace unet
