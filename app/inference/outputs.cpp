#include "app/inference/outputs.h"

#include "app/pictures/palette.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

void write_probabilities(const std::string& path, const torch::Tensor& logits) {
  const auto probabilities = Segmenter::probabilities(logits);
  std::vector<cv::Mat> pages;
  for (int64_t c = 0; c < probabilities.size(0); ++c)
    pages.emplace_back(static_cast<int>(probabilities.size(1)), static_cast<int>(probabilities.size(2)), CV_32FC1,
                       probabilities[c].data_ptr<float>());
  write_tiff_pages(path, pages);
}

struct OutputRow {
  std::string_view kind;
  const char* extension;
  void (*write)(const std::string& path, const TrainedModel& model, const cv::Mat& image, const torch::Tensor& logits);
};

constexpr OutputRow kOutputs[] = {
    {"mask", ".png",
     [](const std::string& path, const TrainedModel& model, const cv::Mat&, const torch::Tensor& logits) {
       write_image(path, model.preprocessing->labels().to_values(Segmenter::classes(logits)));
     }},
    {"index", ".png",
     [](const std::string& path, const TrainedModel&, const cv::Mat&, const torch::Tensor& logits) {
       write_image(path, Segmenter::classes(logits));
     }},
    {kColorKind, ".png",
     [](const std::string& path, const TrainedModel& model, const cv::Mat&, const torch::Tensor& logits) {
       write_image(path, colored(Segmenter::classes(logits), model.config.data.class_colors));
     }},
    {"overlay", ".png",
     [](const std::string& path, const TrainedModel& model, const cv::Mat& image, const torch::Tensor& logits) {
       write_image(path, overlaid(image, Segmenter::classes(logits), model.config.data.class_colors));
     }},
    {"probabilities", ".tiff",
     [](const std::string& path, const TrainedModel&, const cv::Mat&, const torch::Tensor& logits) {
       write_probabilities(path, logits);
     }},
};

constexpr bool rows_match_kinds() {
  if (std::size(kOutputs) != std::size(kOutputKinds)) return false;
  for (size_t i = 0; i < std::size(kOutputs); ++i)
    if (kOutputs[i].kind != kOutputKinds[i]) return false;
  return true;
}
static_assert(rows_match_kinds());

const OutputRow& find_output(const std::string& kind) {
  for (const OutputRow& row : kOutputs)
    if (kind == row.kind) return row;
  const std::vector<std::string> kinds(std::begin(kOutputKinds), std::end(kOutputKinds));
  fail(ErrorKind::usage, "--save: got '", kind, "'", expected_one_of(kind, kinds));
}

}  // namespace

std::filesystem::path output_path(const std::string& out, const std::string& kind,
                                  const std::filesystem::path& relative) {
  return std::filesystem::path(out) / kind / (relative.string() + find_output(kind).extension);
}

void write_output(const std::string& kind, const std::string& path, const TrainedModel& model, const cv::Mat& image,
                  const torch::Tensor& logits) {
  find_output(kind).write(path, model, image, logits);
}

}  // namespace unet
