#include <spdlog/spdlog.h>

#include <filesystem>

#include "app/commands/commands.h"
#include "app/inference/inputs.h"
#include "app/inference/outputs.h"
#include "app/run/stop_request.h"
#include "app/runtime/progress_bar.h"
#include "configs/schema/suggest.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

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
  const cv::Mat image = model.preprocessing->load_image(ImageFile(input.path));
  const torch::Tensor logits = model.segmenter->logits(image);
  for (const std::string& kind : arguments.save) {
    const fs::path path = output_path(arguments.out, kind, input.relative);
    make_output_folder(path.parent_path().string());
    write_output(kind, path.string(), model, image, logits);
  }
}

}  // namespace

int run(const PredictArguments& arguments) {
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

}  // namespace unet
