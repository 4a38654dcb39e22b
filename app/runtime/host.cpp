#include "app/runtime/host.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "configs/schema/text.h"

namespace unet {
namespace {

/// Content of a file; "" if it does not exist.
std::string file_content(const char* path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Text after `separator` in the first line that begins with `key`; "" if there is none.
std::string value_of(const std::string& text, const std::string& key, char separator) {
  for (const std::string& line : text_lines(text)) {
    const size_t end = line.find(separator);
    if (end != std::string::npos && trimmed(line.substr(0, end), " \t") == key)
      return trimmed(line.substr(end + 1), " \t\r");
  }
  return "";
}

bool is_relevant(const std::string& feature) {
  static const std::vector<std::string> features{
      "avx",         "avx2",     "fma",      "avx512f",  "avx512bw", "avx512_vnni", "avx512_bf16",
      "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8", "asimd",       "asimdhp",
      "asimddp",     "fphp",     "sve",      "sve2",     "bf16",     "svebf16",     "i8mm"};
  return std::find(features.begin(), features.end(), feature) != features.end();
}

nlohmann::json relevant_variables() {
  auto variables = nlohmann::json::object();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    for (const char* prefix : {"OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "ATEN_CPU_", "ONEDNN_", "CUDA_VISIBLE_"})
      if (text.rfind(prefix, 0) == 0) variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  return variables;
}

}  // namespace

Processor parse_processor(const std::string& cpuinfo) {
  Processor processor;
  for (const char* key : {"model name", "Model", "Hardware"})
    if (processor.name.empty()) processor.name = value_of(cpuinfo, key, ':');
  std::istringstream features(value_of(cpuinfo, "flags", ':') + " " + value_of(cpuinfo, "Features", ':'));
  for (std::string feature; features >> feature;)
    if (is_relevant(feature)) processor.features.push_back(feature);
  return processor;
}

std::string parse_system(const std::string& os_release) {
  return trimmed(value_of(os_release, "PRETTY_NAME", '='), "\"'");
}

nlohmann::json host_facts() {
  const Processor processor = parse_processor(file_content("/proc/cpuinfo"));
  utsname kernel{};
  ::uname(&kernel);
  return {{"processor", processor.name},
          {"processor_features", processor.features},
          {"processors", std::thread::hardware_concurrency()},
          {"memory_bytes", int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE)},
          {"system", parse_system(file_content("/etc/os-release"))},
          {"kernel", std::string(kernel.sysname) + " " + kernel.release + " " + kernel.machine},
          {"variables", relevant_variables()}};
}

}  // namespace unet
