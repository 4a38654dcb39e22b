#include "app/commands/bench.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/bench/engine_bench.h"
#include "app/bench/loading_bench.h"
#include "app/commands/start_up.h"
#include "app/inspection/inspection.h"
#include "app/run/environment.h"
#include "app/runtime/standard_output.h"
#include "configs/schema/presets.h"
#include "configs/schema/shell_text.h"
#include "data/synthetic/synthetic.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A synthetic data set in a temporary folder, removed by the destructor.
class TemporaryData {
 public:
  TemporaryData() {
    std::string path = (fs::temp_directory_path() / "unet-bench-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
      fail(ErrorKind::cannot_create, path, ": cannot create this folder. Set TMPDIR, or pass a data set with --data.");
    parent_ = path;
    SyntheticOptions options;
    options.count = 32;
    options.size = 512;
    write_synthetic(options, dir());
  }
  ~TemporaryData() {
    std::error_code ignored;
    fs::remove_all(parent_, ignored);
  }
  TemporaryData(const TemporaryData&) = delete;
  TemporaryData& operator=(const TemporaryData&) = delete;

  std::string dir() const { return (parent_ / "shapes").string(); }

 private:
  fs::path parent_;
};

/// Times `unet-engine --version`: the start of the process and the loading of the libraries.
Timing bench_start(int64_t repeat) {
  const std::string command = shell_text(fs::read_symlink("/proc/self/exe").string()) + " --version >/dev/null";
  Timing timing;
  for (int64_t i = 0; i < repeat; ++i)
    timing.seconds.push_back(seconds_of([&] {
      if (std::system(command.c_str()) != 0) fail(ErrorKind::internal, "[bench] cannot run ", command);
    }));
  return timing;
}

nlohmann::json to_json(const Timing& timing) { return {{"median", timing.median()}, {"seconds", timing.seconds}}; }

nlohmann::json to_json(const BenchResult& result) {
  nlohmann::json json = to_json(result.whole);
  for (const BenchPart& part : result.parts) json["parts"][part.name] = to_json(part.time);
  json["convolutions_alone"] = to_json(result.convolutions);
  json["peak_mib"] = result.peak_mib;
  return json;
}

/// Prints each result when it is added, or all of them as one JSON document at the end.
class BenchReport {
 public:
  explicit BenchReport(bool as_json) : as_json_(as_json) {}

  void add(const std::string& name, const BenchResult& result, int64_t images) {
    json_[name] = to_json(result);
    const double whole = result.whole.median();
    print_line(name, whole, fmt::format("{:.1f} images/s", static_cast<double>(images) / whole));
    for (const BenchPart& part : result.parts)
      print_line("  " + part.name, part.time.median(), share(part.time.median(), whole));
    const double alone = result.convolutions.median();
    print_line("  convolutions alone", alone, share(alone, whole) + " (lower bound)");
    if (!as_json_) print_data(fmt::format("{:<24} {:9.0f} MiB\n", "  peak memory", result.peak_mib));
  }

  void add(const LoadingBench& loading) {
    json_["loading"] = {{"batch", to_json(loading.batch)},
                        {"images_per_second", loading.images_per_second()},
                        {"step", to_json(loading.step)},
                        {"loaded_step", to_json(loading.loaded_step)}};
    print_line("loading, one thread", loading.batch.median(),
               fmt::format("{:.1f} images/s", loading.images_per_second()));
    const double step = loading.step.median(), loaded = loading.loaded_step.median();
    print_line("  step, batch in memory", step, "");
    print_line("  step, batch loaded", loaded, fmt::format("{:+.1f} %", 100 * (loaded / step - 1)));
  }

  void add_start(const Timing& timing) {
    json_["start"] = to_json(timing);
    print_line("start of the engine", timing.median(), "");
  }

  void set(const std::string& name, const nlohmann::json& value) { json_[name] = value; }

  void print() const {
    if (as_json_) print_data(json_.dump(2) + "\n");
  }

 private:
  void print_line(const std::string& name, double seconds, const std::string& text) const {
    if (as_json_) return;
    print_data(fmt::format("{:<24} {:9.2f} ms   {}\n", name, 1e3 * seconds, text));
  }

  static std::string share(double part, double whole) { return fmt::format("{:.1f} %", 100 * part / whole); }

  bool as_json_;
  nlohmann::json json_;
};

std::string subject_text(const Config& config, const Execution& execution) {
  const auto& size = config.data.size;
  return fmt::format("{} of {}x{}x{}, width {}, depth {}, {}", config.train.batch_size, *config.data.channels, size[0],
                     size[1], config.model.base_channels, config.model.depth, execution.text());
}

LoadingBench measure_loading(Config config, const std::string& data, const Execution& execution, int64_t repeat) {
  std::unique_ptr<TemporaryData> temporary;
  if (data.empty()) temporary = std::make_unique<TemporaryData>();
  config.data.dir = temporary ? temporary->dir() : data;
  return bench_loading(std::move(config), execution, repeat);
}

}  // namespace

ExitCode BenchCommand::run() const {
  check_config_argument(config, "unet bench");
  const Tree tree = load_config(config, settings);
  Config resolved;
  const Locations locations = read_config(tree, resolved);
  const Config unresolved = resolved;
  fill_defaults(resolved);
  check_config(resolved, locations);
  const int64_t images = resolved.train.batch_size;
  const Execution execution = choose_execution(device, resolved.train);
  prepare_process(resolved.train, threads);
  BenchReport report(json);
  const std::string subject = subject_text(resolved, execution);
  report.set("subject", subject);
  report.set("environment", environment(execution));
  report.set("repeat", repeat);
  spdlog::info("{}", subject);
  for (const std::string& part : parts) {
    switch (enum_value<BenchTopic>(part)) {
      case BenchTopic::step:
        report.add("training step", bench_step(resolved, execution, repeat), images);
        break;
      case BenchTopic::inference:
        report.add("inference", bench_inference(resolved, execution, repeat), images);
        break;
      case BenchTopic::loading: {
        Config loaded = unresolved;
        loaded.data.size = resolved.data.size;
        report.add(measure_loading(std::move(loaded), data, execution, repeat));
        break;
      }
      case BenchTopic::start:
        report.add_start(bench_start(repeat));
        break;
    }
  }
  report.print();
  return ExitCode::done;
}

}  // namespace unet
