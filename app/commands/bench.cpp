#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/bench/engine_bench.h"
#include "app/bench/loading_bench.h"
#include "app/commands/commands.h"
#include "app/inspection/inspection.h"
#include "app/run/environment.h"
#include "app/run/stop_request.h"
#include "app/runtime/shell_text.h"
#include "configs/schema/presets.h"
#include "data/synthetic/synthetic.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A made-up data set for as long as this lives.
class MadeUpData {
 public:
  MadeUpData() {
    std::string path = (fs::temp_directory_path() / "unet-bench-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
      fail(ErrorKind::cannot_create, "[bench] ", path, ": cannot create. Give a data set with --data.");
    parent_ = path;
    SyntheticOptions options;
    options.count = 32;
    options.size = 512;
    write_synthetic(options, dir());
  }
  ~MadeUpData() {
    std::error_code ignored;
    fs::remove_all(parent_, ignored);
  }
  MadeUpData(const MadeUpData&) = delete;
  MadeUpData& operator=(const MadeUpData&) = delete;

  std::string dir() const { return (parent_ / "shapes").string(); }

 private:
  fs::path parent_;
};

/// The engine from its start to its end, when it has only to say its version; `unet` itself answers that at once.
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

class Report {
 public:
  explicit Report(const BenchArguments& arguments) : as_json_(arguments.json) {}

  void add(const std::string& name, const BenchResult& result, int64_t images) {
    json_[name] = to_json(result);
    const double whole = result.whole.median();
    line(name, whole, fmt::format("{:.1f} images/s", static_cast<double>(images) / whole));
    for (const BenchPart& part : result.parts)
      line("  " + part.name, part.time.median(), share(part.time.median(), whole));
    const double alone = result.convolutions.median();
    line("  convolutions alone", alone, share(alone, whole) + ", the limit");
    if (!as_json_) std::printf("%-24s %9.0f MiB\n", "  memory at most", result.peak_mib);
  }

  void add(const LoadingBench& loading) {
    json_["loading"] = {{"batch", to_json(loading.batch)},
                        {"images_per_second", loading.images_per_second()},
                        {"step", to_json(loading.step)},
                        {"loaded_step", to_json(loading.loaded_step)}};
    line("loading, one thread", loading.batch.median(), fmt::format("{:.1f} images/s", loading.images_per_second()));
    const double step = loading.step.median(), loaded = loading.loaded_step.median();
    line("  step, batch at hand", step, "");
    line("  step, batch loaded", loaded, fmt::format("{:+.1f} %", 100 * (loaded / step - 1)));
  }

  void add_start(const Timing& timing) {
    json_["start"] = to_json(timing);
    line("start of the program", timing.median(), "");
  }

  void set(const std::string& name, const nlohmann::json& value) { json_[name] = value; }

  void print() const {
    if (as_json_) std::printf("%s\n", json_.dump(2).c_str());
  }

 private:
  void line(const std::string& name, double seconds, const std::string& text) const {
    if (as_json_) return;
    std::printf("%-24s %9.2f ms   %s\n", name.c_str(), 1e3 * seconds, text.c_str());
    std::fflush(stdout);
  }

  static std::string share(double part, double whole) { return fmt::format("{:.1f} %", 100 * part / whole); }

  bool as_json_;
  nlohmann::json json_;
};

}  // namespace

int run(const BenchArguments& arguments) {
  catch_stop_signals();
  Tree tree = load_config(arguments.config);
  for (const std::string& setting : arguments.settings) set_value(tree, setting);
  Config config;
  const Locations locations = read_config(tree, config);
  const Config unresolved = config;
  fill_defaults(config);
  check_config(config, locations);
  const TrainOptions& train = config.train;
  const Execution execution =
      choose_execution(arguments.device, train.precision, train.memory_format, train.fast_paths);
  choose_cuda_kernels(train.deterministic);
  Report report(arguments);
  const auto& size = config.data.size;
  const std::string subject =
      fmt::format("{} of {}x{}x{}, width {}, depth {}, {}", train.batch_size, *config.data.channels, size[0], size[1],
                  config.model.base_channels, config.model.depth, execution.text());
  const auto host = environment(execution);
  report.set("subject", subject);
  report.set("environment", host);
  report.set("repeat", arguments.repeat);
  spdlog::info("{}", subject);
  for (const std::string& part : arguments.parts) {
    if (part == "step") report.add("training step", bench_step(config, execution, arguments.repeat), train.batch_size);
    if (part == "inference")
      report.add("inference", bench_inference(config, execution, arguments.repeat), train.batch_size);
    if (part == "loading") {
      Config loaded = unresolved;
      loaded.data.size = config.data.size;
      std::unique_ptr<MadeUpData> made_up;
      if (arguments.data.empty()) made_up = std::make_unique<MadeUpData>();
      loaded.data.dir = made_up ? made_up->dir() : arguments.data;
      report.add(bench_loading(std::move(loaded), execution, arguments.repeat));
    }
    if (part == "start") report.add_start(bench_start(arguments.repeat));
  }
  report.print();
  return kExitDone;
}

}  // namespace unet
