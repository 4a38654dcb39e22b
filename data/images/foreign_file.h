#pragma once

#include <string>

#include "data/images/byte_view.h"

namespace unet {

/// What a file that is no readable image most likely is, and how it becomes one.
struct ForeignFile {
  std::string name;    ///< with its article, e.g. "a DICOM file"
  std::string remedy;  ///< a sentence with the command
};

/// Recognizes a file of another format by its contents.
ForeignFile recognize_foreign(const ByteView& file);

}  // namespace unet
