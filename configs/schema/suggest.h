#pragma once

#include <string>
#include <vector>

#include "configs/schema/text.h"

namespace unet {

/// Returns the candidate that `name` most likely means, or "" if none is similar. Of candidates that are dotted paths,
/// the last part is compared. Names from other tools (`learning_rate` for `lr`) are known.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

/// Whether another tool has this name for one of our options.
bool is_synonym(const std::string& name);

/// End of a message that a name is none of the candidates: ". Did you mean 'b'? Expected one of a, b, c.", or without a
/// similar name ", expected one of a, b, c."
std::string expected_one_of(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace unet
