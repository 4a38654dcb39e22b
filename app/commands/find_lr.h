#pragma once

#include <string>
#include <vector>

namespace unet {

/// What `unet train --find-lr` was given.
struct FindLrArguments {
  std::string config;
  std::string data;
  std::vector<std::string> settings;
  std::string init;
  std::string device;
  std::string out;
};

/// Runs a learning-rate range test, writes lr-finder.png and lr-finder.json into the new folder `out`, and prints the
/// proposal on stdout as a setting. Throws Error(data) where the loss never falls, Error(interrupted).
int find_lr(const FindLrArguments& arguments);

}  // namespace unet
