#include "app/run/environment.h"

#include <ATen/Version.h>
#include <dlfcn.h>
#include <spdlog/spdlog.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>

#include "app/run/records.h"
#include "app/runtime/host.h"
#include "app/runtime/version.h"
#include "data/files/atomic_file.h"

namespace unet {

std::string blas_library() {
  Dl_info info{};
  void* sgemm = ::dlsym(RTLD_DEFAULT, "sgemm_");
  if (sgemm == nullptr || ::dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return "";
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  return error ? info.dli_fname : path.string();
}

namespace {

/// Debian and Ubuntu keep each BLAS in a folder of its own; that of the reference BLAS is blas/.
bool blas_is_slow() { return blas_library().find("/blas/libblas") != std::string::npos; }

/// Version of a library as LibTorch reports it, e.g. "11.7" for "CUDA Runtime"; "" if it does not.
std::string library_version(const std::string& name) {
  const std::string config = at::show_config();
  const size_t line = config.find("  - " + name + " ");
  if (line == std::string::npos) return "";
  const size_t begin = line + name.size() + 5;
  return config.substr(begin, config.find('\n', begin) - begin);
}

/// Name of a CUDA device; "" if unknown. Asks the driver, since LibTorch's function for this needs the headers of the
/// CUDA toolkit.
std::string gpu_name(int index) {
  void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY);
  if (driver == nullptr) return "";
  using DeviceGet = int (*)(int*, int);
  using DeviceGetName = int (*)(char*, int, int);
  const auto get = reinterpret_cast<DeviceGet>(::dlsym(driver, "cuDeviceGet"));
  const auto get_name = reinterpret_cast<DeviceGetName>(::dlsym(driver, "cuDeviceGetName"));
  int device = 0;
  char name[256] = "";
  if (get != nullptr && get_name != nullptr && get(&device, index) == 0) get_name(name, sizeof(name), device);
  return name;
}

nlohmann::json device_facts(const torch::Device& device) {
  nlohmann::json facts{{"kind", device.str()}};
  if (!device.is_cuda()) return facts;
  facts["name"] = gpu_name(device.has_index() ? device.index() : 0);
  facts["cuda"] = library_version("CUDA Runtime");
  facts["cudnn"] = library_version("CuDNN");
  return facts;
}

/// Current time in UTC as ISO 8601: 2026-01-31T23:59:59Z.
std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

void warn_if_blas_is_slow() {
  if (blas_is_slow())
    spdlog::warn(
        "LibTorch uses the reference BLAS ({}), which is several times slower than OpenBLAS. "
        "Install libopenblas0-openmp, or run scripts/setup.sh.",
        blas_library());
}

nlohmann::json environment(const Execution& execution) {
  nlohmann::json facts = host_facts();
  facts.update({{"program", program_version()},
                {"commit", program_commit()},
                {"libtorch", TORCH_VERSION},
                {"libtorch_vectors", library_version("CPU capability usage:")},
                {"onednn", library_version("Intel(R) MKL-DNN")},
                {"opencv", CV_VERSION},
                {"compiler", __VERSION__},
                {"execution", execution.text()},
                {"device", device_facts(execution.device)},
                {"threads", at::get_num_threads()},
                {"blas", blas_library()},
                {"warned_of_slow_blas", blas_is_slow()}});
  return facts;
}

void record_start(const std::string& path, const Execution& execution, int64_t step, double run_seconds) {
  nlohmann::json start = environment(execution);
  start["time"] = utc_now();
  start["step"] = step;
  start["run_seconds"] = run_seconds;
  nlohmann::json starts = recorded_starts(path);
  starts.push_back(start);
  const nlohmann::json document{{"starts", starts}};
  write_file(path, document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace unet
