#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace unet {

/// Whether the long form of the tests is wanted: scripts/trust.sh sets UNET_TRUST to the number of cases of each kind.
inline bool long_form() { return std::getenv("UNET_TRUST") != nullptr; }

/// How many cases to try: a few in every run of the tests, many in the long form.
inline int64_t cases(int64_t few, int64_t many) {
  return long_form() ? std::min<int64_t>(many, std::atoll(std::getenv("UNET_TRUST"))) : few;
}

/// Counts the cases of one row of the table in tests/README.md, and prints the count for scripts/trust.sh.
class TrustRow {
 public:
  TrustRow(int row, std::string what) : row_(row), what_(std::move(what)) {}
  ~TrustRow() {
    std::printf("trust: %d | %s | tried %lld | passed %lld\n", row_, what_.c_str(), tried_, passed_);
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
  std::string what_;
  long long tried_ = 0;
  long long passed_ = 0;
};

}  // namespace unet
