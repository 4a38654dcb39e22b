#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace unet {

/// What the parsed command line asks for. Returns the exit code for what is neither an error nor plain success.
using Action = std::function<int()>;

// Each adds one command to the program; when that command is given, `chosen` becomes its action.
void add_train_command(CLI::App& app, Action& chosen);
void add_predict_command(CLI::App& app, Action& chosen);
void add_evaluate_command(CLI::App& app, Action& chosen);
void add_export_command(CLI::App& app, Action& chosen);
void add_import_command(CLI::App& app, Action& chosen);
void add_check_data_command(CLI::App& app, Action& chosen);
void add_inspect_command(CLI::App& app, Action& chosen);
void add_bench_command(CLI::App& app, Action& chosen);
void add_config_command(CLI::App& app, Action& chosen);
void add_synth_command(CLI::App& app, Action& chosen);

inline constexpr int kExitDone = 0;
inline constexpr int kExitBadData = 65;
inline constexpr int kExitResumable = 75;

}  // namespace unet
