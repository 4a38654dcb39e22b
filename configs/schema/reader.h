#pragma once

#include <map>
#include <string>

#include "configs/schema/options.h"
#include "configs/schema/tree.h"

namespace unet {

/// Where each option was given, by key path ("train.lr"); options left at their default are absent.
class Locations {
 public:
  void set(const std::string& path, const Location& where) { table_[path] = where; }

  bool has(const std::string& path) const;

  /// "file:line:column: train.lr", or just the path for an option that nobody gave.
  std::string text(const std::string& path) const;

 private:
  std::map<std::string, Location> table_;
};

/// Reads a tree onto options. Every key must be known, every value of its type and within its limits;
/// else throws Error(config) with file:line:column, what was expected and the nearest valid name.
Locations read_options(const Tree& tree, Options& options);

}  // namespace unet
