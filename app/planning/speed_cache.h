#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/planning/speed.h"

namespace unet {

/// Speeds measured by earlier plans, in one JSON file. Two processes may use it at the same time: the last to save
/// replaces it. An absent or damaged file counts as empty, and one that cannot be written is not an error.
class SpeedCache {
 public:
  /// Reads `file`; "": nothing is stored.
  explicit SpeedCache(std::string file);

  std::optional<NetworkSpeed> find(const std::string& key) const;
  void add(const std::string& key, const NetworkSpeed& speed);

  /// Writes the file if something was added; the oldest beyond 1000 speeds are dropped.
  void save() const;

  /// The file of this user; "" without a home.
  static std::string user_file();

 private:
  struct Entry {
    NetworkSpeed speed;
    int64_t number = 0;  ///< counts up with each addition, for age
  };

  std::string file_;
  std::map<std::string, Entry> entries_;
  int64_t next_ = 0;
  bool is_changed_ = false;
};

}  // namespace unet
