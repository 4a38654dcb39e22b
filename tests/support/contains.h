#pragma once

#include <gtest/gtest.h>

#include <string>

namespace unet {

/// Whether `part` occurs in `text`; the failure message shows both.
inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess() << "'" << part << "' is in:\n" << text;
  return testing::AssertionFailure() << "'" << part << "' is not in:\n" << text;
}

}  // namespace unet
