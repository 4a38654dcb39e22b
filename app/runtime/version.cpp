#include "app/runtime/version.h"

#include <torch/version.h>  // macros only: `unet` is not linked with LibTorch
#include <unet_commit.h>    // written by scripts/cmake/WriteCommit.cmake

namespace unet {

const char* program_version() { return UNET_VERSION; }

const char* program_commit() { return UNET_COMMIT; }

std::string version_text() {
  return "unet " UNET_VERSION " (commit " UNET_COMMIT ", " UNET_BUILD_KIND ", LibTorch " TORCH_VERSION ")";
}

}  // namespace unet
