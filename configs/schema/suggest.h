#pragma once

#include <string>
#include <vector>

#include "configs/schema/text.h"

namespace unet {

/// Returns the name in lower case without '_' and '-', so that `batchSize`, `batch-size` and `batch_size` are equal.
std::string folded_name(const std::string& name);

/// Returns the candidate that `name` most likely means, or "" if none is similar. Of candidates that are dotted paths,
/// the last part is compared. Names from other tools (`learning_rate` for `lr`) are known, misspelled too.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

/// Whether another tool has this name for one of our options.
bool is_synonym(const std::string& name);

/// Ends a message that refuses a name: ". Did you mean 'b'? Expected one of a, b, c.", or ", expected one of a, b, c."
/// if `near` is empty.
std::string with_suggestion(const std::string& near, const std::vector<std::string>& candidates);

/// The same with the candidate that is nearest to `name`.
std::string expected_one_of(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace unet
