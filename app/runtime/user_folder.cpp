#include "app/runtime/user_folder.h"

#include <cstdlib>
#include <filesystem>

namespace unet {
namespace {

/// Value of a variable that names a folder; relative paths do not count.
std::filesystem::path folder_variable(const char* name) {
  const char* value = std::getenv(name);
  const std::filesystem::path folder = value == nullptr ? "" : value;
  return folder.is_absolute() ? folder : "";
}

}  // namespace

std::string user_cache_folder() {
  const auto cache = folder_variable("XDG_CACHE_HOME"), home = folder_variable("HOME");
  if (!cache.empty()) return (cache / "unet").string();
  return home.empty() ? "" : (home / ".cache" / "unet").string();
}

}  // namespace unet
