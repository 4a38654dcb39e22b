#include "app/commands/evaluate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "app/commands/start_up.h"
#include "app/evaluation/evaluator.h"
#include "app/evaluation/metric_set.h"
#include "app/inference/intensity_watch.h"
#include "app/inference/segmenter.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/standard_output.h"
#include "app/scores/best_score.h"
#include "app/training/training_data.h"
#include "configs/schema/text.h"
#include "configs/schema/writer.h"
#include "data/dataset/channels.h"
#include "data/dataset/open_dataset.h"
#include "data/dataset/split_lists.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// The data options of the training with those of `--set`, for the folder `--data`.
DataOptions data_to_evaluate(const EvaluateCommand& command, const Config& trained) {
  Tree tree = parse_yaml(to_yaml(trained, Comments::none), "checkpoint");
  for (const std::string& setting : command.settings) {
    const std::string key = setting.substr(0, setting.find('='));
    // What the network sees was fixed by the training.
    static const std::set<std::string> fixed{
        "data.channels", "data.mean",         "data.std",         "data.normalize",   "data.size",
        "data.dir",      "data.class_colors", "data.class_names", "data.size_policy", "data.neighbor_pages"};
    if (key.rfind("data.", 0) != 0 || fixed.count(key) != 0)
      fail(ErrorKind::usage, "--set ", setting, ": ", key, " cannot be changed after the training. evaluate takes the ",
           "data.* options that say where images and masks are and what mask values mean, e.g. --set "
           "data.images=photos");
    if (key == "data.labels") set_value(tree, "data.labels=auto");  // a map would be merged into that of the training
    set_value(tree, setting);
  }
  Config config;
  read_options(tree, config);
  DataOptions data = config.data;
  data.dir = command.data;
  const bool chose_split = std::any_of(command.settings.begin(), command.settings.end(),
                                       [](const std::string& setting) { return setting.rfind("data.split=", 0) == 0; });
  if (data.split == SplitMode::folders && !chose_split) data.split = SplitMode::automatic;
  return data;
}

/// Returns the options without their split, so that all pairs of a folder are in one part.
DataOptions remove_split(const DataOptions& options) {
  DataOptions unsplit = options;
  unsplit.val_fraction = unsplit.test_fraction = 0;
  unsplit.split = SplitMode::automatic;
  unsplit.train_list = unsplit.val_list = unsplit.test_list = "";
  unsplit.val_stems = unsplit.test_stems = {};
  return unsplit;
}

/// Whether the split of the training (list files or names) refers to this data set. If not, this is another data set,
/// which has no parts.
bool lists_apply(const DataOptions& options, const std::vector<SampleRef>& samples) {
  for (const std::string& list : {options.train_list, options.val_list, options.test_list})
    if (!list.empty()) return fs::exists(fs::path(options.dir) / list);
  return std::any_of(samples.begin(), samples.end(), [&](const SampleRef& sample) {
    const auto in = [&](const std::vector<std::string>& stems) {
      return std::find(stems.begin(), stems.end(), sample.name) != stems.end();
    };
    return in(options.val_stems) || in(options.test_stems);
  });
}

/// Lists all samples. If the folder does not have the file names of the training, and none are given, other usual names
/// are tried.
Split list_all(const EvaluateCommand& command, DataOptions& data) {
  const auto list = [&] { return find_samples(remove_split(data)); };
  if (!command.settings.empty()) return list();
  try {
    Split all = list();
    if (!samples_of(all, "all").empty()) return all;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::missing_input) throw;
  }
  static_cast<FileNames&>(data) = FileNames();
  return list();
}

/// Folder of the data in the config of the run that the checkpoint is in; "" where there is no such run.
std::string recorded_folder(const std::string& checkpoint) {
  const fs::path config = fs::absolute(checkpoint).parent_path().parent_path() / "config.yaml";
  if (!fs::exists(config)) return "";
  try {
    const Tree tree = load_config_file(config.string());
    const Tree* data = tree.find("data");
    const Tree* dir = data == nullptr ? nullptr : data->find("dir");
    return dir == nullptr ? "" : dir->scalar;
  } catch (const Error&) {
    return "";
  }
}

/// Whether the run of the checkpoint names this folder.
bool is_recorded_folder(const TrainedModel& model, const DataOptions& data) {
  std::error_code error;
  const std::string recorded = recorded_folder(model.checkpoint);
  return !recorded.empty() && fs::equivalent(recorded, data.dir, error) && !error;
}

/// Reads a data set that is divided by fraction, and returns its parts; `whole` if it has none because the model was
/// trained with other data: in another folder and of other content.
Split split_by_reading(const TrainedModel& model, const DataOptions& data, StoredScans stored, Split listed,
                       const Split& whole) {
  const Dataset dataset = open_dataset_with_progress(data, stop_signal_received, stored);
  const bool is_recorded = is_recorded_folder(model, data);
  const bool is_same = data_fingerprint(dataset) == model.data_fingerprint;
  if (!listed.divided && !is_recorded && !is_same) {
    spdlog::info("{}: not the data of the training, so it has no parts", data.dir);
    return whole;
  }
  if (!listed.divided && !is_same)
    spdlog::warn("{}: the data have changed since the training, so training images may now be in other parts",
                 data.dir);
  for (const Part part : {kTrain, kVal, kTest}) listed.part(part).clear();
  for (const SampleRef& sample : dataset.samples) listed.part(*sample.part).push_back(sample);
  listed.rule = dataset.rule;
  return listed;
}

/// The split of the data set. One that is divided by fraction has parts only if it is that of the training.
Split split_to_evaluate(const EvaluateCommand& command, const TrainedModel& model, DataOptions data) {
  const Split whole = list_all(command, data);
  if (divides_by_lists(data) && !lists_apply(data, samples_of(whole, "all"))) return whole;
  Split split = list_parts(data);
  refuse_problems(data.dir, split.problems);
  if (!split.undivided || command.split == "all") return split;
  if (data.split_by == SplitBy::name && (split.divided || is_recorded_folder(model, data))) return find_samples(data);
  return split_by_reading(model, data, stored_scans(command.rescan), std::move(split), whole);
}

/// The samples to evaluate, and the part that they are.
struct EvaluatedPart {
  std::vector<SampleRef> samples;
  std::string name;
};

std::string parts_text(const Split& split) {
  std::vector<std::string> parts;
  for (const Part part : {kTrain, kVal, kTest})
    if (!split.part(part).empty()) parts.push_back(concat(kPartNames[part], " (", split.part(part).size(), ")"));
  return join(parts);
}

EvaluatedPart part_to_evaluate(const EvaluateCommand& command, const TrainedModel& model, const DataOptions& data) {
  const Split split = split_to_evaluate(command, model, data);
  refuse_problems(data.dir, split.problems);
  const std::string wanted = command.split.empty() ? "val" : command.split;
  const std::vector<SampleRef> all = samples_of(split, "all");
  if (all.empty()) fail(ErrorKind::data, data.dir, ": no images with a mask (", split.rule, ")");
  if (wanted == "all") return {all, "all"};
  const auto* const found = std::find(kPartNames.begin(), kPartNames.end(), wanted);
  const std::vector<SampleRef>& part = split.part(static_cast<Part>(found - kPartNames.begin()));
  const bool is_all = part.size() == all.size() && !split.divided;
  if (!part.empty() && !is_all) return {part, wanted};
  if (split.divided)
    fail(ErrorKind::data, data.dir, ": no images in the part '", wanted, "' (", split.rule, "). It has ",
         parts_text(split), ". Choose one with --split, or --split all.");
  const std::string text =
      fmt::format("{}: has no part '{}': all {} are used", data.dir, wanted, counted(all.size(), "image"));
  if (command.split.empty())
    spdlog::info("{}", text);
  else
    spdlog::warn("{}{}", text, split.val.empty() ? "" : ", those of the training among them");
  return {all, "all"};
}

/// Metrics of `--metrics`, in the order of their table.
std::vector<std::string> metrics_to_evaluate(const EvaluateCommand& command) {
  const bool all = std::count(command.metrics.begin(), command.metrics.end(), kAllMetrics) > 0;
  return metrics_to_compute(all ? metric_names() : command.metrics, /*best_by=*/"");
}

/// Those of the metrics that see the temperature of the model.
std::vector<std::string> metrics_of_probabilities(const std::vector<std::string>& metrics) {
  std::vector<std::string> names;
  for (const std::string& name : metrics)
    if (find_metric(name).needs_probabilities) names.push_back(name);
  return names;
}

/// Scores of an evaluation.
struct EvaluatedScores {
  Scores scores;
  std::vector<MetricScores> uncalibrated;  ///< metrics of the probabilities at temperature 1, if it is another
};

std::optional<EvaluatedScores> score_images(TrainedModel& model, const Preprocessing& preprocessing,
                                            const std::vector<SampleRef>& samples,
                                            const std::vector<std::string>& metrics) {
  ProgressBar bar("evaluating");
  IntensityWatch watch(model.config.data);
  const int64_t classes = preprocessing.labels().num_classes();
  const bool is_calibrated = model.temperature != 1;
  MetricSet calibrated(metrics, classes, model.temperature);
  MetricSet uncalibrated(is_calibrated ? metrics_of_probabilities(metrics) : std::vector<std::string>(), classes);
  const auto counts = evaluate(
      *model.segmenter, preprocessing, samples,
      [&](size_t i, const Sample& sample, const cv::Mat&) {
        watch.add(sample.image);
        bar.show(static_cast<double>(i + 1) / static_cast<double>(samples.size()));
        return !stop_signal_received();
      },
      [&](size_t, const Sample& sample, const cv::Mat& prediction, const torch::Tensor& logits) {
        calibrated.add(sample.mask, prediction, logits);
        uncalibrated.add(sample.mask, prediction, logits);
      });
  if (const auto warning = watch.warning()) spdlog::warn("{}", *warning);
  if (!counts) return std::nullopt;
  EvaluatedScores result{compute_scores(*counts, model.config.data.class_names), uncalibrated.scores()};
  result.scores.metrics = calibrated.scores();
  return result;
}

/// Says what temperature scaling changed; "" if no metric sees it.
std::string calibration_text(const EvaluatedScores& evaluated, double temperature) {
  std::string text;
  for (const MetricScores& metric : evaluated.uncalibrated)
    for (const NamedScore& score : summary(metric))
      text += fmt::format("{} {} without temperature scaling (temperature {:.3g})\n", score.name,
                          score.value ? fmt::format("{:.4f}", *score.value) : "undefined", temperature);
  return text;
}

void add_calibration(nlohmann::json& document, const EvaluatedScores& evaluated, double temperature) {
  const auto& metrics = evaluated.scores.metrics;
  if (std::none_of(metrics.begin(), metrics.end(), [](const auto& metric) { return metric.row->needs_probabilities; }))
    return;
  document["temperature"] = temperature;
  for (const MetricScores& metric : evaluated.uncalibrated)
    for (const NamedScore& score : summary(metric))
      document["uncalibrated"][score.name] = score.value ? nlohmann::json(*score.value) : nlohmann::json();
}

}  // namespace

ExitCode EvaluateCommand::run() const {
  catch_stop_signals();
  log_threads(threads);
  const auto selection = channels.empty() ? std::vector<int64_t>() : parse_channel_selection(channels);
  const auto trained = load_model(model, device);
  const DataOptions options = data_to_evaluate(*this, trained->config);
  const EvaluatedPart part = part_to_evaluate(*this, *trained, options);
  Preprocessing preprocessing(options);
  if (!selection.empty()) preprocessing.select_channels(selection);
  const int64_t classes = trained->preprocessing->labels().num_classes(), given = preprocessing.labels().num_classes();
  if (given != classes)
    fail(ErrorKind::config, "--set data.labels: got ", counted(given, "class", "classes"), ", but the model has ",
         classes);
  const auto evaluated = score_images(*trained, preprocessing, part.samples, metrics_to_evaluate(*this));
  if (!evaluated) fail(ErrorKind::interrupted, "stopped before all images were scored. Run it again.");
  if (json) {
    nlohmann::json document = to_json(evaluated->scores);
    add_calibration(document, *evaluated, trained->temperature);
    document["images"] = part.samples.size();
    document["checkpoint"] = trained->checkpoint;
    document["split"] = part.name;
    print_data(document.dump(2) + "\n");
  } else {
    print_data(fmt::format("{}, {} ({} of {})\n{}{}", trained->checkpoint, counted(part.samples.size(), "image"),
                           part.name, data, to_table(evaluated->scores),
                           calibration_text(*evaluated, trained->temperature)));
  }
  return ExitCode::done;
}

}  // namespace unet
