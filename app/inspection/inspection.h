#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/inspection/layers.h"
#include "app/inspection/memory_forecast.h"

namespace unet {

/// What is to be known of a network before it is trained or used.
struct Inspection {
  std::string subject;                   ///< the config or checkpoint
  std::vector<std::string> assumptions;  ///< what stands for an `auto` that only data could decide
  Execution execution;
  MemoryQuestion sizes;
  std::vector<Layer> layers;  ///< for one image of the size that is predicted
  MemoryForecast memory;
};

/// Fills in what only data could decide; returns what was taken where it changes the network.
std::vector<std::string> fill_defaults(Config& config);

/// `config` may be unresolved: what only data could decide is assumed, and filled in. `subject` is for people.
/// `image` is the [height, width] of the image to predict; empty: data.size. `program_bytes`: see forecast_memory.
/// Throws Error(config), which points at `locations`.
Inspection inspect(Config& config, const std::string& subject, const std::vector<int64_t>& image, int64_t program_bytes,
                   const Locations& locations = {});

/// One line for each layer, totals, memory; for the terminal.
std::string to_table(const Inspection& inspection);

nlohmann::json to_json(const Inspection& inspection);

}  // namespace unet
