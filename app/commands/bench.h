#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"
#include "configs/schema/enum_names.h"

namespace unet {

/// What `unet bench` measures.
enum class BenchTopic { step, inference, loading, start };
template <>
struct EnumNames<BenchTopic> {
  static constexpr EnumName<BenchTopic> table[] = {{"step", BenchTopic::step},
                                                   {"inference", BenchTopic::inference},
                                                   {"loading", BenchTopic::loading},
                                                   {"start", BenchTopic::start}};
};

struct BenchCommand {
  static constexpr const char* kName = "bench";
  static constexpr const char* kMeaning = "Measure training and inference speed on this machine";

  std::string config = "default";
  std::vector<std::string> settings;
  std::vector<std::string> parts = enum_names<BenchTopic>();
  std::string data;
  std::string device = "auto";
  int64_t threads = 0;  ///< 0: not given
  int64_t repeat = 7;
  bool json = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void BenchCommand::define(CLI::App& app) {
  app.add_option("config", config, "config or name of a preset")->capture_default_str();
  add_settings(app, settings, "model.base_channels=64");
  const std::vector<std::string> names = enum_names<BenchTopic>();
  app.add_option("--part", parts, "parts to measure, comma-separated: " + join(names, ",") + " (default: all)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(member_of(names));
  app.add_option("--data", data, "data set to load (default: a synthetic one)");
  add_device(app, device);
  add_threads(app, threads);
  app.add_option("--repeat", repeat, "number of measurements; the table shows their median")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  add_json(app, json);
  app.footer(
      "Examples:\n"
      "  unet bench\n"
      "  unet bench membrane --set train.fast_paths=false --part step,inference");
}

}  // namespace unet
