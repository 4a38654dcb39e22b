#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "configs/schema/options.h"
#include "configs/schema/tree.h"

namespace unet {

/// Where each option was given, by key path ("train.lr"). Options left at their default are absent.
class Locations {
 public:
  void set(const std::string& path, const Location& where) { table_[path] = where; }

  /// Returns the place; nullptr for an option that was not given.
  const Location* find(const std::string& path) const;

  bool has(const std::string& path) const { return find(path) != nullptr; }

  /// "file:line:column: train.lr", or just the path for an option that was not given.
  std::string text(const std::string& path) const;

  void note(std::string text) { notes_.push_back(std::move(text)); }

  /// Remarks for the user, e.g. that an option has a new name.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::map<std::string, Location> table_;
  std::vector<std::string> notes_;
};

/// Applies a tree to options. Throws Error(config) for unknown keys, wrong types and values outside their limits, each
/// on a line with file:line:column, the expected values and the nearest valid name, in the order of the file; at most
/// 10 are shown.
Locations read_options(const Tree& tree, Options& options);

}  // namespace unet
