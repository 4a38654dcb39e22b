#pragma once

#include <string>

namespace unet {

/// "0.1.0".
const char* program_version();

/// Abbreviated hash of the commit that was built, with "-dirty" if files were changed; "unknown" outside of a checkout.
const char* program_commit();

/// "unet 0.1.0 (commit 1a2b3c4d, Release, LibTorch 1.13.1)".
std::string version_text();

}  // namespace unet
