#include "app/commands/evaluate.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/evaluation/evaluator.h"
#include "app/inference/segmenter.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "data/dataset/open_dataset.h"

namespace unet {
namespace {

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
    if (!list.empty()) return std::filesystem::exists(std::filesystem::path(options.dir) / list);
  return std::any_of(samples.begin(), samples.end(), [&](const SampleRef& sample) {
    const auto in = [&](const std::vector<std::string>& stems) {
      return std::find(stems.begin(), stems.end(), sample.name) != stems.end();
    };
    return in(options.val_stems) || in(options.test_stems);
  });
}

std::vector<SampleRef> samples_to_evaluate(const EvaluateCommand& command, const DataOptions& trained) {
  DataOptions data = trained;
  data.dir = command.data;
  if (data.split == SplitMode::folders) data.split = SplitMode::automatic;
  const Split unsplit = find_samples(remove_split(data));
  const bool by_lists = data.split == SplitMode::lists || !data.val_stems.empty() || !data.val_list.empty();
  const Split split = by_lists && !lists_apply(data, samples_of(unsplit, "all")) ? unsplit : find_samples(data);
  refuse_problems(data.dir, split.problems);
  const auto samples = samples_of(split, command.split);
  if (samples.empty())
    fail(ErrorKind::data, data.dir, ": no images in the part '", command.split, "' (", split.rule,
         "). Choose another --split.");
  return samples;
}

std::optional<ConfusionMatrix> count_pixels(TrainedModel& model, const std::vector<SampleRef>& samples) {
  ProgressBar bar("evaluating");
  return evaluate(*model.segmenter, *model.preprocessing, samples, [&](size_t i, const Sample&, const cv::Mat&) {
    bar.show(static_cast<double>(i + 1) / static_cast<double>(samples.size()));
    return !stop_signal_received();
  });
}

}  // namespace

ExitCode EvaluateCommand::run() const {
  catch_stop_signals();
  const auto trained = load_model(model, device);
  const auto samples = samples_to_evaluate(*this, trained->config.data);
  const std::optional<ConfusionMatrix> counts = count_pixels(*trained, samples);
  if (!counts) fail(ErrorKind::interrupted, "[evaluate] stopped before all images were scored. Run it again.");
  const Scores scores = compute_scores(*counts, trained->config.data.class_names);
  if (json) {
    nlohmann::json document = to_json(scores);
    document["images"] = samples.size();
    document["checkpoint"] = trained->checkpoint;
    document["split"] = split;
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    std::printf("%s, %zu images (%s of %s)\n%s", trained->checkpoint.c_str(), samples.size(), split.c_str(),
                data.c_str(), to_table(scores).c_str());
  }
  return ExitCode::done;
}

}  // namespace unet
