#include "app/run/environment.h"

#include <dlfcn.h>
#include <spdlog/spdlog.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>
#include <thread>

namespace unet {

std::string blas_library() {
  Dl_info info{};
  void* sgemm = ::dlsym(RTLD_DEFAULT, "sgemm_");
  if (sgemm == nullptr || ::dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return "";
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  return error ? info.dli_fname : path.string();
}

void warn_of_slow_blas() {
  // Debian and Ubuntu keep each implementation in a folder of its own; the reference one is blas/.
  if (blas_library().find("/blas/libblas") != std::string::npos)
    spdlog::warn(
        "matrix products come from the reference BLAS ({}), several times slower than OpenBLAS. "
        "Install libopenblas0-openmp, or run scripts/setup.sh.",
        blas_library());
}

nlohmann::json environment(const Execution& execution) {
  return {{"program", UNET_VERSION},
          {"libtorch", TORCH_VERSION},
          {"opencv", CV_VERSION},
          {"compiler", __VERSION__},
          {"execution", execution.text()},
          {"threads", at::get_num_threads()},
          {"processors", std::thread::hardware_concurrency()},
          {"blas", blas_library()}};
}

}  // namespace unet
