#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/commands/commands.h"
#include "app/inference/inputs.h"
#include "app/inference/outputs.h"
#include "app/run/progress_bar.h"
#include "app/run/stop_request.h"
#include "configs/schema/suggest.h"
#include "data/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct PredictArguments {
  std::string model;
  std::vector<std::string> inputs;
  std::string out;
  std::vector<std::string> save{"mask"};
  std::string device = "auto";
  bool recursive = false;
  bool overwrite = false;
};

void refuse_existing(const PredictArguments& arguments, const std::vector<InputImage>& images) {
  for (const InputImage& image : images)
    for (const std::string& kind : arguments.save) {
      const fs::path path = output_path(arguments.out, kind, image.relative);
      if (!arguments.overwrite && fs::exists(path))
        fail(ErrorKind::cannot_create, "[predict] ", path.string(),
             ": is there already. Add --overwrite, or choose another --out.");
    }
}

void predict_one(const PredictArguments& arguments, const TrainedModel& model, const InputImage& input) {
  const cv::Mat image = model.preprocessing->load_image(input.path);
  const torch::Tensor logits = model.segmenter->logits(image);
  for (const std::string& kind : arguments.save) {
    const fs::path path = output_path(arguments.out, kind, input.relative);
    make_output_folder(path.parent_path().string());
    write_output(kind, path.string(), model, image, logits);
  }
}

int predict(const PredictArguments& arguments) {
  catch_stop_signals();
  const auto images = find_inputs(arguments.inputs, arguments.recursive);
  refuse_existing(arguments, images);
  make_output_folder(arguments.out);
  const auto model = load_model(arguments.model, arguments.device);
  std::vector<std::string> bad;
  size_t done = 0;
  {
    ProgressBar bar("predicting");
    for (; done < images.size() && !stop_signal_received(); ++done) {
      try {
        predict_one(arguments, *model, images[done]);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::data && error.kind() != ErrorKind::missing_input) throw;
        bad.emplace_back(error.what());
      }
      bar.show(static_cast<double>(done + 1) / static_cast<double>(images.size()));
    }
  }
  spdlog::info("{} of {} images predicted: {}", done - bad.size(), images.size(), arguments.out);
  if (done < images.size())
    fail(ErrorKind::interrupted,
         "[predict] stopped; the outputs so far are complete. Run again with --overwrite for all.");
  if (!bad.empty())
    fail(ErrorKind::data, "[predict] ", bad.size(), " of ", images.size(), " images could not be used:\n  ",
         join(bad, "\n  "));
  return kExitDone;
}

}  // namespace

void add_predict_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* command = app.add_subcommand("predict", "Make masks for new images");
  command->add_option("model", arguments->model, "a checkpoint, or a run's folder for its best one")->required();
  command->add_option("inputs", arguments->inputs, "images, folders or quoted patterns")->required();
  command->add_option("--out", arguments->out, "folder for the outputs; each kind gets a folder in it")->required();
  command->add_option("--save", arguments->save, "what to write, separated by commas: " + join(output_kinds()))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(output_kinds()));
  command->add_flag("--recursive", arguments->recursive, "also images in folders below");
  command->add_flag("--overwrite", arguments->overwrite, "replace outputs that are there");
  command->add_option("--device", arguments->device, "auto, cpu or cuda:N");
  command->footer(
      "Examples:\n"
      "  unet predict runs/first new-images --out masks\n"
      "  unet predict runs/first 'scans/*.tif' --out masks --save mask,overlay,probabilities");
  command->callback([arguments, &chosen] { chosen = [arguments] { return predict(*arguments); }; });
}

}  // namespace unet
