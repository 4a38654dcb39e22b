#include "app/commands/evaluate.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/evaluation/evaluator.h"
#include "app/inference/segmenter.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "data/dataset/pairing.h"

namespace unet {
namespace {

/// Options without a split: all pairs of a folder are in one part.
DataOptions undivided(const DataOptions& options) {
  DataOptions whole = options;
  whole.val_fraction = whole.test_fraction = 0;
  whole.split = "auto";
  whole.train_list = whole.val_list = whole.test_list = "";
  whole.val_stems = whole.test_stems = {};
  return whole;
}

/// Whether the split of the training (list files or stems) has entries for this folder. If not, it is another data set,
/// which has no parts.
bool lists_apply(const DataOptions& options, const std::vector<Pair>& pairs) {
  for (const std::string& list : {options.train_list, options.val_list, options.test_list})
    if (!list.empty()) return std::filesystem::exists(std::filesystem::path(options.dir) / list);
  return std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
    const auto in = [&](const std::vector<std::string>& stems) {
      return std::find(stems.begin(), stems.end(), pair.stem) != stems.end();
    };
    return in(options.val_stems) || in(options.test_stems);
  });
}

std::vector<Pair> pairs_to_evaluate(const EvaluateCommand& command, const DataOptions& trained) {
  DataOptions data = trained;
  data.dir = command.data;
  if (data.split == "folders") data.split = "auto";
  const Split whole = find_pairs(undivided(data));
  const bool by_lists = data.split == "lists" || !data.val_stems.empty() || !data.val_list.empty();
  const Split split = by_lists && !lists_apply(data, pairs_of(whole, "all")) ? whole : find_pairs(data);
  if (!split.problems.empty())
    fail(ErrorKind::data, "[evaluate] ", data.dir, ": ", split.problems.size(), " problems:\n  ",
         join(texts_of(split.problems), "\n  "));
  const auto pairs = pairs_of(split, command.split);
  if (pairs.empty())
    fail(ErrorKind::data, "[evaluate] ", data.dir, ": no images in the part '", command.split, "' (", split.rule,
         "). Choose another --split.");
  return pairs;
}

std::optional<ConfusionMatrix> count_pixels(TrainedModel& model, const std::vector<Pair>& pairs) {
  ProgressBar bar("evaluating");
  return evaluate(*model.segmenter, *model.preprocessing, pairs, [&](size_t i, const Sample&, const cv::Mat&) {
    bar.show(static_cast<double>(i + 1) / static_cast<double>(pairs.size()));
    return !stop_signal_received();
  });
}

}  // namespace

ExitCode EvaluateCommand::run() const {
  catch_stop_signals();
  const auto trained = load_model(model, device);
  const auto pairs = pairs_to_evaluate(*this, trained->config.data);
  const std::optional<ConfusionMatrix> counts = count_pixels(*trained, pairs);
  if (!counts) fail(ErrorKind::interrupted, "[evaluate] stopped before the end; there are no scores");
  const Scores scores = compute_scores(*counts, trained->config.data.class_names);
  if (json) {
    nlohmann::json document = to_json(scores);
    document["images"] = pairs.size();
    document["checkpoint"] = trained->checkpoint;
    document["split"] = split;
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    std::printf("%s, %zu images (%s of %s)\n%s", trained->checkpoint.c_str(), pairs.size(), split.c_str(), data.c_str(),
                to_table(scores).c_str());
  }
  return ExitCode::done;
}

}  // namespace unet
