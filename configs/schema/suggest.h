#pragma once

#include <string>
#include <vector>

#include "configs/schema/text.h"

namespace unet {

/// The candidate that `name` most likely meant, or "" when none is near. Candidates may be dotted
/// paths: the last part is compared. Names of other tools (`learning_rate` for `lr`) are known.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

/// "expected one of a, b, c. Did you mean 'b'?" with the question only where a name is near.
std::string expected_one_of(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace unet
