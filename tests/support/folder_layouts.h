#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/dataset_folder.h"
#include "tests/support/error_text.h"

namespace unet {

/// Tests of what is found in a folder by names alone.
class FolderLayouts : public testing::Test {
 protected:
  FolderLayouts() { set_.options.val_fraction = 0; }

  std::vector<std::string> problems() const { return texts_of(find_samples(set_.options).problems); }
  std::string refusal(ErrorKind kind) const {
    return error_text(kind, [&] { list_samples(set_.options); });
  }

  DatasetFolder set_;
};

}  // namespace unet
