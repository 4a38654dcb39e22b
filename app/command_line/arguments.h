#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "data/synthetic/synthetic_options.h"

namespace unet {

// What each command was given, as command_line.cpp defines it; the commands themselves are in app/commands/.

struct TrainArguments {
  std::string config;
  std::string data;
  std::vector<std::string> settings;
  std::string out;
  std::string init;
  std::string device = "auto";
  bool resume = false;
  bool find_lr = false;
  bool allow_changed_data = false;
};

struct PredictArguments {
  std::string model;
  std::vector<std::string> inputs;
  std::string out;
  std::vector<std::string> save{"mask"};
  std::string device = "auto";
  bool recursive = false;
  bool overwrite = false;
};

struct EvaluateArguments {
  std::string model;
  std::string data;
  std::string split = "val";
  std::string device = "auto";
  bool json = false;
};

struct ExportArguments {
  std::string model;
  std::string format;
  std::string out;
  bool padding = true;
  bool overwrite = false;
};

struct ImportArguments {
  std::string file;
  std::string out;
  std::vector<double> mean, std;
  std::vector<std::string> settings;
  bool overwrite = false;
};

struct CheckDataArguments {
  std::string target;
  std::string data;
  std::vector<std::string> settings;
  std::string out;
  bool overwrite = false;
  bool json = false;
};

struct InspectArguments {
  std::string subject;
  std::vector<std::string> settings;
  std::string input_size;
  bool json = false;
  bool upsampling = false;
  std::string out;
  bool overwrite = false;
};

struct BenchArguments {
  std::string config = "default";
  std::vector<std::string> settings;
  std::vector<std::string> parts{"step", "inference", "loading", "start"};
  std::string data;
  std::string device = "auto";
  int64_t repeat = 7;
  bool json = false;
};

struct ConfigArguments {
  std::string preset;
  bool presets = false;
  bool defaults = false;
  bool schema = false;
};

struct SynthArguments {
  SyntheticOptions options;
  std::string out;
};

using Arguments = std::variant<TrainArguments, PredictArguments, EvaluateArguments, ExportArguments, ImportArguments,
                               CheckDataArguments, InspectArguments, BenchArguments, ConfigArguments, SynthArguments>;

}  // namespace unet
