#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/planning/data_facts.h"
#include "app/planning/machine_facts.h"

namespace unet {

/// What a plan must keep to.
struct PlanLimits {
  std::optional<Duration> time;  ///< of the whole training; nullopt: train.epochs, which the user gave, decides
  std::string time_reason;       ///< who gave the time
  int64_t memory_bytes = 0;      ///< of the whole program
};

/// Everything that choices depend on.
struct PlanInput {
  DataFacts data;
  MachineFacts machine;
  PlanLimits limits;

  /// Whether there is a time to fit into, and the speed of the machine is known.
  bool is_timed() const { return limits.time && machine.has_speed(); }
};

/// A value for an option, as YAML, and why.
struct Proposal {
  std::string value;
  std::string reason;
};

/// Share of the time that training steps get; the rest is for reading the data, planning and validations.
inline constexpr double kShareOfSteps = 0.92;

/// Share of the time that all validations together may take.
inline constexpr double kShareOfValidation = 0.05;

}  // namespace unet
