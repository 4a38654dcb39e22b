#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/evaluation/evaluator.h"
#include "app/run/progress_bar.h"
#include "app/run/stop_signal.h"
#include "data/pairing.h"

namespace unet {
namespace {

struct EvaluateArguments {
  std::string model;
  std::string data;
  std::string split = "val";
  std::string device = "auto";
  bool json = false;
};

std::vector<Pair> pairs_to_evaluate(const EvaluateArguments& arguments, const DataOptions& trained) {
  DataOptions data = trained;
  data.dir = arguments.data;
  const Split split = find_pairs(data);
  if (!split.problems.empty())
    fail(ErrorKind::data, "[evaluate] ", data.dir, ": ", split.problems.size(), " problems:\n  ",
         join(split.problems, "\n  "));
  return pairs_of(split, arguments.split);
}

int evaluate_command(const EvaluateArguments& arguments) {
  catch_stop_signals();
  const auto model = load_model(arguments.model, arguments.device);
  const auto pairs = pairs_to_evaluate(arguments, model->config.data);
  std::optional<ConfusionMatrix> counts;
  {
    ProgressBar bar("evaluating");
    counts = evaluate(*model->segmenter, *model->preprocessing, pairs, [&](size_t i, const Sample&, const cv::Mat&) {
      bar.show(static_cast<double>(i + 1) / static_cast<double>(pairs.size()));
      return !stop_signal_received();
    });
  }
  if (!counts) fail(ErrorKind::interrupted, "[evaluate] stopped before the end; no scores");
  const Scores scores = compute_scores(*counts, model->config.data.class_names);
  if (arguments.json) {
    nlohmann::json document = to_json(scores);
    document["images"] = pairs.size();
    document["checkpoint"] = model->checkpoint;
    document["split"] = arguments.split;
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    std::printf("%s, %zu images (%s of %s)\n%s", model->checkpoint.c_str(), pairs.size(), arguments.split.c_str(),
                arguments.data.c_str(), to_table(scores).c_str());
  }
  return kExitDone;
}

}  // namespace

void add_evaluate_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command = app.add_subcommand("evaluate", "Score a model against masks");
  command->add_option("model", arguments->model, "a checkpoint, or a run's folder for its best one")->required();
  command->add_option("--data", arguments->data, "the data set's folder")->required();
  command->add_option("--split", arguments->split, "train, val, test or all")
      ->check(CLI::IsMember({"train", "val", "test", "all"}));
  command->add_option("--device", arguments->device, "auto, cpu or cuda:N");
  command->add_flag("--json", arguments->json, "one JSON document on stdout");
  command->footer(
      "Examples:\n"
      "  unet evaluate runs/first --data my-images\n"
      "  unet evaluate runs/first/checkpoints/last.safetensors --data my-images --split all --json");
  command->callback([arguments, &chosen] { chosen = [arguments] { return evaluate_command(*arguments); }; });
}

}  // namespace unet
