#include "app/inference/outputs.h"

#include "app/pictures/palette.h"
#include "data/files/atomic_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

void write_probabilities(const std::string& path, const TrainedModel& model, const torch::Tensor& logits) {
  const auto probabilities = Segmenter::probabilities(logits, model.temperature);
  std::vector<cv::Mat> pages;
  for (int64_t c = 0; c < probabilities.size(0); ++c)
    pages.emplace_back(static_cast<int>(probabilities.size(1)), static_cast<int>(probabilities.size(2)), CV_32FC1,
                       probabilities[c].data_ptr<float>());
  write_tiff_pages(path, pages);
}

struct OutputRow {
  std::string_view kind;
  bool has_file_of_pages;  ///< of a stack
  /// Returns the picture of a page; null: the output is `write_probabilities`.
  cv::Mat (*picture)(const TrainedModel& model, const cv::Mat& image, const torch::Tensor& logits);

  const char* extension() const { return picture == nullptr ? ".tiff" : ".png"; }
};

constexpr OutputRow kOutputs[] = {
    {"mask", true,
     [](const TrainedModel& model, const cv::Mat&, const torch::Tensor& logits) {
       return model.preprocessing->labels().to_values(Segmenter::classes(logits));
     }},
    {"index", true,
     [](const TrainedModel&, const cv::Mat&, const torch::Tensor& logits) { return Segmenter::classes(logits); }},
    {kColorKind, true,
     [](const TrainedModel& model, const cv::Mat&, const torch::Tensor& logits) {
       return colored(Segmenter::classes(logits), model.config.data.class_colors);
     }},
    {"overlay", false,
     [](const TrainedModel& model, const cv::Mat& image, const torch::Tensor& logits) {
       return overlaid(image, Segmenter::classes(logits), model.config.data.class_colors);
     }},
    {"probabilities", false, nullptr},
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

bool has_file_of_pages(const std::string& kind) { return find_output(kind).has_file_of_pages; }

std::vector<std::filesystem::path> output_paths(const std::string& out, const std::string& kind,
                                                const InputImage& input) {
  const OutputRow& row = find_output(kind);
  const std::filesystem::path folder = std::filesystem::path(out) / kind;
  if (input.pages == 1) return {folder / (input.relative.string() + row.extension())};
  if (row.has_file_of_pages) return {folder / (input.relative.string() + ".tiff")};
  std::vector<std::filesystem::path> paths;
  for (int page = 0; page < input.pages; ++page)
    paths.push_back(folder / (page_path(input, page).string() + row.extension()));
  return paths;
}

OutputWriter::OutputWriter(const std::string& out, const std::vector<std::string>& kinds, const InputImage& input,
                           const TrainedModel& model)
    : model_(model) {
  for (const std::string& kind : kinds) {
    paths_[kind] = output_paths(out, kind, input);
    if (input.pages > 1 && has_file_of_pages(kind))
      stacks_[kind] = std::make_unique<TiffPages>(paths_[kind][0].string());
  }
}

void OutputWriter::add(const cv::Mat& image, const torch::Tensor& logits) {
  for (const auto& [kind, paths] : paths_) {
    const OutputRow& row = find_output(kind);
    make_output_folder(paths[0].parent_path().string());
    if (const auto stack = stacks_.find(kind); stack != stacks_.end())
      stack->second->add(row.picture(model_, image, logits));
    else if (row.picture == nullptr)
      write_probabilities(paths.at(page_).string(), model_, logits);
    else
      write_image(paths.at(page_).string(), row.picture(model_, image, logits));
  }
  ++page_;
}

void OutputWriter::finish() {
  for (const auto& [kind, stack] : stacks_) stack->finish();
}

}  // namespace unet
