#include "app/runtime/user_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

namespace unet {
namespace {

/// Sets an environment variable, or removes it, until its end.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) const { value == nullptr ? ::unsetenv(name_) : ::setenv(name_, value, /*overwrite=*/1); }

  const char* name_;
  std::optional<std::string> before_;
};

TEST(UserFolder, OfTheCacheFollowsTheDesktopsRules) {
  const Variable home("HOME", "/home/ada");
  {
    const Variable cache("XDG_CACHE_HOME", "/var/cache/ada");
    EXPECT_EQ(user_cache_folder(), "/var/cache/ada/unet");
  }
  {
    const Variable cache("XDG_CACHE_HOME", "relative");
    EXPECT_EQ(user_cache_folder(), "/home/ada/.cache/unet") << "relative paths do not count";
  }
  const Variable cache("XDG_CACHE_HOME", nullptr), no_home("HOME", nullptr);
  EXPECT_EQ(user_cache_folder(), "");
}

}  // namespace
}  // namespace unet
