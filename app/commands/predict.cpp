#include "app/commands/predict.h"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/inference/inputs.h"
#include "app/inference/intensity_watch.h"
#include "app/inference/outputs.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "configs/schema/suggest.h"
#include "data/dataset/channels.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Fails if an output exists and --overwrite is not given. Checked before the model is loaded.
void refuse_existing_outputs(const PredictCommand& command, const std::vector<InputImage>& images) {
  if (command.overwrite) return;
  for (const InputImage& image : images)
    for (const std::string& kind : command.save) {
      const fs::path path = output_path(command.out, kind, image.relative);
      if (fs::exists(path))
        fail(ErrorKind::cannot_create, path.string(),
             " already exists. Add --overwrite to replace it, or choose another --out.");
    }
}

/// Names files of the input folders that are skipped.
void note_left_out(const std::vector<std::string>& files) {
  if (files.empty()) return;
  spdlog::info("note: skipped {} files without an image extension: {}", files.size(), join_first(files, 3));
}

void predict_image(const PredictCommand& command, const TrainedModel& model, const InputImage& input,
                   IntensityWatch& watch) {
  const cv::Mat image = model.preprocessing->load_image(ImageFile(input.path));
  watch.add(image);
  const torch::Tensor logits = model.segmenter->logits(image);
  for (const std::string& kind : command.save) {
    const fs::path path = output_path(command.out, kind, input.relative);
    make_output_folder(path.parent_path().string());
    write_output(kind, path.string(), model, image, logits);
  }
}

/// Predicts the images until a stop signal arrives; returns how many were tried. Appends a message to `problems` for
/// each image that cannot be read.
size_t predict_images(const PredictCommand& command, const TrainedModel& model, const std::vector<InputImage>& images,
                      std::vector<std::string>& problems) {
  ProgressBar bar("predicting");
  IntensityWatch watch(model.config.data);
  size_t done = 0;
  for (; done < images.size() && !stop_signal_received(); ++done) {
    try {
      predict_image(command, model, images[done], watch);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data && error.kind() != ErrorKind::missing_input) throw;
      problems.emplace_back(error.what());
    }
    bar.show(static_cast<double>(done + 1) / static_cast<double>(images.size()));
  }
  if (const auto warning = watch.warning()) spdlog::warn("{}", *warning);
  return done;
}

}  // namespace

ExitCode PredictCommand::run() const {
  catch_stop_signals();
  if (used_old_spelling)
    spdlog::info("note: --save {} is now spelled {}; the output folder is {}/", kOldColorKind, kColorKind, kColorKind);
  std::vector<std::string> left_out;
  const auto images = find_inputs(inputs, recursive, &left_out);
  note_left_out(left_out);
  refuse_existing_outputs(*this, images);
  check_output_folder(out);
  const auto selection = channels.empty() ? std::vector<int64_t>() : parse_channel_selection(channels);
  const auto trained = load_model(model, device);
  if (!selection.empty()) trained->preprocessing->select_channels(selection);
  std::vector<std::string> problems;
  const size_t done = predict_images(*this, *trained, images, problems);
  spdlog::info("predicted {} of {}: {}", done - problems.size(), counted(images.size(), "image"), out);
  if (done < images.size())
    fail(ErrorKind::interrupted, "stopped; the outputs written so far are complete. ",
         "To predict all images, run the same command with --overwrite.");
  if (!problems.empty())
    fail(ErrorKind::data, problems.size(), " of ", counted(images.size(), "image"),
         " could not be read. Repair or remove them; all others are predicted:\n  ", join(problems, "\n  "));
  return ExitCode::done;
}

}  // namespace unet
