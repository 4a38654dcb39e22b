#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace unet {

/// Model of a processor; empty where unknown.
struct Processor {
  std::string name;
  std::vector<std::string> features;  ///< instruction sets that affect speed or rounding, as Linux names them
};

/// Parses the text of Linux's /proc/cpuinfo, of x86 or ARM.
Processor parse_processor(const std::string& cpuinfo);

/// Name of the distribution in the text of an os-release file; "" if there is none.
std::string parse_system(const std::string& os_release);

/// Facts about the machine: processor, its features, number of processors, memory, system, kernel, and the environment
/// variables that control threads and instruction sets.
nlohmann::json host_facts();

}  // namespace unet
