#include "app/commands/predict.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "app/commands/start_up.h"
#include "app/inference/inputs.h"
#include "app/inference/intensity_watch.h"
#include "app/inference/outputs.h"
#include "app/run/stop_request.h"
#include "app/runtime/out_of_memory.h"
#include "app/runtime/progress_bar.h"
#include "configs/schema/suggest.h"
#include "data/dataset/channels.h"
#include "data/dataset/sample_ref.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Fails if an output exists and --overwrite is not given. Checked before the model is loaded.
void refuse_existing_outputs(const PredictCommand& command, const std::vector<InputImage>& images) {
  if (command.overwrite) return;
  for (const InputImage& image : images)
    for (const std::string& kind : command.save)
      for (const fs::path& path : output_paths(command.out, kind, image))
        if (fs::exists(path))
          fail(ErrorKind::cannot_create, path.string(),
               " already exists. Add --overwrite to replace it, or choose another --out.");
}

/// Names files of the input folders that are skipped.
void note_left_out(const std::vector<std::string>& files) {
  if (files.empty()) return;
  spdlog::info("note: skipped {} files without an image extension: {}", files.size(), join_first(files, 3));
}

/// Says what the outputs of stacks are.
void note_stacks(const std::vector<std::string>& kinds, const std::vector<InputImage>& images) {
  int64_t stacks = 0, pages = 0;
  for (const InputImage& image : images) {
    if (image.pages == 1) continue;
    ++stacks;
    pages += image.pages;
  }
  if (stacks == 0) return;
  std::vector<std::string> outputs;
  for (const std::string& kind : kinds)
    outputs.push_back(kind + (has_file_of_pages(kind) ? "/NAME.tiff of as many pages" : "/NAME_p0001 and so on"));
  spdlog::info("{} of {} in all, predicted page by page: {}", counted(stacks, "stack"), counted(pages, "page"),
               join(outputs));
}

/// Warns of images of one page where the model takes neighboring pages.
void warn_without_neighbors(const TrainedModel& model, const std::vector<InputImage>& images) {
  const int64_t neighbors = model.config.data.neighbor_pages;
  const auto singles =
      std::count_if(images.begin(), images.end(), [](const InputImage& image) { return image.pages == 1; });
  if (neighbors == 0 || singles == 0) return;
  spdlog::warn(
      "the model takes {} neighboring pages on each side (data.neighbor_pages), but {} of {} a single page, "
      "which stands in for its neighbors. Give it stacks, e.g. TIFF files of several pages",
      neighbors, singles, images.size() == 1 ? "1 image has" : fmt::format("{} images have", images.size()));
}

/// Predicts every page of an input; false if a stop signal arrived before the last one.
bool predict_input(const PredictCommand& command, const TrainedModel& model, const InputImage& input,
                   IntensityWatch& watch, const std::function<void()>& on_page) {
  if (stop_signal_received()) return false;
  OutputWriter outputs(command.out, command.save, input, model);
  for (int page = 0; page < input.pages; ++page) {
    if (stop_signal_received()) return false;
    const ImageSource source = page_source(input.path, page, input.pages, model.config.data.neighbor_pages);
    const cv::Mat image = model.preprocessing->load_image(source);
    watch.add(image);
    outputs.add(image, model.segmenter->logits(image));
    on_page();
  }
  outputs.finish();
  return true;
}

/// Predicts the images until a stop signal arrives; returns how many were tried. Appends a message to `problems` for
/// each image that cannot be read or does not fit into memory.
size_t predict_images(const PredictCommand& command, const TrainedModel& model, const std::vector<InputImage>& images,
                      std::vector<Error>& problems) {
  ProgressBar bar("predicting");
  IntensityWatch watch(model.config.data);
  double pages = 0, pages_done = 0;
  for (const InputImage& image : images) pages += image.pages;
  size_t done = 0;
  for (double pages_before = 0; done < images.size(); ++done) {
    try {
      if (!predict_input(command, model, images[done], watch, [&] { bar.show(++pages_done / pages); })) break;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data && error.kind() != ErrorKind::missing_input) throw;
      problems.push_back(error);
    } catch (const std::exception& error) {
      if (!is_out_of_memory(error)) throw;
      problems.emplace_back(ErrorKind::out_of_memory, images[done].path + ": too large: out of memory");
    }
    pages_before += images[done].pages;
    pages_done = pages_before;
    bar.show(pages_done / pages);
  }
  if (const auto warning = watch.warning()) spdlog::warn("{}", *warning);
  return done;
}

/// Throws an error that lists the images that could not be predicted, if there are any.
void refuse_failed_images(const std::vector<Error>& problems, size_t images) {
  if (problems.empty()) return;
  ErrorKind kind = ErrorKind::data;
  std::vector<std::string> texts;
  for (const Error& problem : problems) {
    if (problem.kind() == ErrorKind::out_of_memory) kind = ErrorKind::out_of_memory;
    texts.emplace_back(problem.what());
  }
  fail(kind, problems.size(), " of ", counted(images, "image"), " could not be ",
       kind == ErrorKind::data ? "read. Repair" : "predicted. Split or shrink those that are too large, repair",
       " or remove them; all others are predicted:\n  ", join(texts, "\n  "));
}

}  // namespace

ExitCode PredictCommand::run() const {
  catch_stop_signals();
  log_threads(threads);
  if (used_old_spelling)
    spdlog::info("note: --save {} is now spelled {}; the output folder is {}/", kOldColorKind, kColorKind, kColorKind);
  std::vector<std::string> left_out;
  const auto images = find_inputs(inputs, recursive, &left_out);
  note_left_out(left_out);
  note_stacks(save, images);
  refuse_existing_outputs(*this, images);
  check_output_folder(out);
  const auto selection = channels.empty() ? std::vector<int64_t>() : parse_channel_selection(channels);
  const auto trained = load_model(model, device);
  if (!selection.empty()) trained->preprocessing->select_channels(selection);
  warn_without_neighbors(*trained, images);
  std::vector<Error> problems;
  const size_t done = predict_images(*this, *trained, images, problems);
  spdlog::info("predicted {} of {}: {}", done - problems.size(), counted(images.size(), "image"), out);
  if (done < images.size())
    fail(ErrorKind::interrupted, "stopped; the outputs written so far are complete. ",
         "To predict all images, run the same command with --overwrite.");
  refuse_failed_images(problems, images.size());
  return ExitCode::done;
}

}  // namespace unet
