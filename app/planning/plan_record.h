#pragma once

#include <optional>
#include <string>

#include "app/planning/plan.h"

namespace unet {

/// What a training took and did.
struct Outcome {
  double seconds = 0;        ///< of all parts of the run, planning included
  int64_t memory_bytes = 0;  ///< see peak_resident_bytes; 0: unknown
  int64_t steps = 0;
  int64_t images = 0;  ///< training samples seen
  /// Length that was given in the end, which another one than planned makes incomparable; nullopt for epochs.
  std::optional<double> budget_seconds{};
};

/// Writes a plan into a run folder, as `plan.json`.
void write_plan(const std::string& file, const Plan& plan);

/// Adds `outcome` to that file and logs it beside the forecast. Does nothing for a run without a plan, and for one that
/// was lengthened.
void record_outcome(const std::string& file, const Outcome& outcome);

}  // namespace unet
