#pragma once

#include <string>
#include <vector>

#include "app/commands/common_options.h"
#include "app/runtime/exit_codes.h"

namespace unet {

struct TrainCommand {
  static constexpr const char* kName = "train";
  static constexpr const char* kMeaning = "Train a model on images and masks";

  std::string config;
  std::string data;
  std::vector<std::string> settings;
  std::string out;
  std::string init;
  std::string device = "auto";
  int64_t threads = 0;  ///< 0: not given
  bool resume = false;
  bool find_lr = false;
  std::string time;    ///< train.time_budget; with a "+" in front, what it is lengthened by
  std::string finish;  ///< run to finish; "" without
  double share = 0.2;  ///< length of the finish relative to the steps done
  bool allow_changed_data = false;
  bool rescan = false;

  void define(CLI::App& app);
  ExitCode run() const;
};

inline void TrainCommand::define(CLI::App& app) {
  app.add_option(
      "config", config,
      "YAML file or name of a preset (see: unet config --presets; default: every option is planned, see: unet plan)");
  app.add_option("--data", data, kDataMeaning);
  add_settings(app, settings, "train.lr=3e-4");
  CLI::Option* out_option =
      app.add_option("--out", out,
                     "run folder (default: runs/NAME for the name of the config or of the data; if that exists, "
                     "runs/NAME-2 and so on)");
  CLI::Option* init_option = app.add_option(
      "--init", init, "checkpoint or run folder with initial weights; used where name and shape match (default: none)");
  CLI::Option* resume_flag =
      app.add_flag("--resume", resume,
                   "continue the run in --out, or the newest run in runs/, exactly where it stopped")
          ->excludes(init_option);
  CLI::Option* finish_option =
      app.add_option(
             "--finish", finish,
             "give a run that was stopped a finished model: from its last checkpoint, the learning rate falls to "
             "0 within --share of the steps done so far (default: none)")
          ->type_name("RUN")
          ->excludes(resume_flag)
          ->excludes(init_option)
          ->excludes(out_option);
  app.add_option("--share", share, "with --finish: number of further steps, relative to those done so far")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str()
      ->needs(finish_option);
  app.add_option("--time", time,
                 "train.time_budget: train for this time, all included, e.g. 30m; options that the config leaves open "
                 "are planned; with --resume, +20m lengthens the run (default: that of the config, or 30m without one)")
      ->excludes(finish_option);
  app.add_flag("--allow-changed-data", allow_changed_data,
               "resume even if images or masks have changed since the run was started")
      ->needs(resume_flag);
  app.add_flag("--find-lr", find_lr,
               "suggest a learning rate from a range test of 100 steps; writes the curve to --out (default: "
               "runs/NAME-find-lr)")
      ->excludes(resume_flag)
      ->excludes(finish_option);
  add_rescan(app, rescan);
  add_device(app, device);
  add_threads(app, threads);
  app.footer(
      "Examples:\n"
      "  unet train --data my-images --out runs/first --time 30m\n"
      "  unet train --resume --out runs/first --time +20m\n"
      "  unet train membrane --data membrane --set train.epochs=30 --set train.lr=5e-4");
}

}  // namespace unet
