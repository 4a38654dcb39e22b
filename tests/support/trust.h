#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace unet {

/// Whether to run the long form of the tests: scripts/trust.sh sets UNET_TRUST to the number of cases of each kind.
inline bool is_long_form() { return std::getenv("UNET_TRUST") != nullptr; }

/// Number of cases to try: `few` in every run of the tests, up to `many` in the long form.
inline int64_t case_count(int64_t few, int64_t many) {
  return is_long_form() ? std::min<int64_t>(many, std::atoll(std::getenv("UNET_TRUST"))) : few;
}

/// Counts the cases of one row of the table in tests/README.md, and prints the count for scripts/trust.sh.
class TrustRow {
 public:
  TrustRow(int row, std::string description) : row_(row), description_(std::move(description)) {}
  ~TrustRow() {
    std::printf("trust: %d | %s | tried %lld | passed %lld\n", row_, description_.c_str(), tried_, passed_);
    std::fflush(stdout);
  }
  TrustRow(const TrustRow&) = delete;
  TrustRow& operator=(const TrustRow&) = delete;

  /// Adds a case; `failure` says what went wrong and is empty for success.
  void add(const std::string& which, const std::string& failure) {
    ++tried_;
    if (failure.empty()) ++passed_;
    EXPECT_EQ(failure, "") << which;
  }

 private:
  int row_;
  std::string description_;
  long long tried_ = 0;
  long long passed_ = 0;
};

}  // namespace unet
