#pragma once

#include <string>

#include "data/dataset/sample_ref.h"

namespace unet {

/// What a decoded sample depends on besides the options: equal identities mean equal samples.
struct SampleIdentity {
  std::string source;  ///< the files, pages and outlines, and how the mask is read
  std::string state;   ///< size and time of the last change of each file
};

/// Returns the identity of a sample. The state says so where a file is missing.
SampleIdentity identity_of(const SampleRef& sample);

}  // namespace unet
