#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace unet {

/// A kind of processor; what is not known is empty.
struct Processor {
  std::string name;
  std::vector<std::string> features;  ///< instruction sets that change speed or rounding, as Linux names them
};

/// `cpuinfo` is the text of Linux's /proc/cpuinfo, of x86 or ARM.
Processor parse_processor(const std::string& cpuinfo);

/// The distribution's name in the text of an os-release file; "" where there is none.
std::string parse_system(const std::string& os_release);

/// Facts of the machine: processor, its features, number of processors, memory, system, kernel, and the environment's
/// variables that steer threads and instruction sets.
nlohmann::json host_facts();

}  // namespace unet
