#pragma once

#include <string>
#include <vector>

#include "configs/schema/text.h"

namespace unet {

/// Returns the candidate that `name` most likely means, or "" if none is similar. Of candidates that are dotted paths,
/// the last part is compared. Names from other tools (`learning_rate` for `lr`) are known.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

/// "expected one of a, b, c. Did you mean 'b'?" with the question only if a name is similar.
std::string expected_one_of(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace unet
