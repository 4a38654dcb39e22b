#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/inspection/layers.h"
#include "app/inspection/memory_forecast.h"

namespace unet {

/// Layers, costs and memory of a network, known before it is trained or used.
struct Inspection {
  std::string subject;                   ///< name of the config or checkpoint
  std::vector<std::string> assumptions;  ///< values assumed for `auto` options that depend on the data
  Execution execution;
  WorkSizes sizes;
  std::vector<Layer> layers;  ///< layers for one image of the size to predict
  MemoryForecast memory;
};

/// Fills in options that depend on the data; returns the assumptions that change the network.
std::vector<std::string> fill_defaults(Config& config);

/// Inspects the network of a config. Fills in options that depend on the data. `subject` is the title of the result;
/// `image` is the [height, width] of the image to predict (empty: data.size); for `program_bytes`, see forecast_memory.
/// Throws Error(config), which points at `locations`.
Inspection inspect(Config& config, const std::string& subject, const std::vector<int64_t>& image, int64_t program_bytes,
                   const Locations& locations = {});

/// Returns a table for the terminal: one line per layer, totals, memory.
std::string to_table(const Inspection& inspection);

nlohmann::json to_json(const Inspection& inspection);

}  // namespace unet
