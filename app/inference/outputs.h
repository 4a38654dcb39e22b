#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/inference/inputs.h"
#include "app/inference/output_kinds.h"
#include "app/inference/segmenter.h"
#include "data/images/tiff_pages.h"

namespace unet {

/// Whether a stack of pages has one file of this kind, a TIFF of as many pages; else it has a file for each page.
bool has_file_of_pages(const std::string& kind);

/// Paths of the outputs of an input of this kind (see kOutputKinds): OUT/KIND/RELATIVE.png, or .tiff for probabilities.
/// A stack has OUT/KIND/RELATIVE.tiff of all its pages (see `has_file_of_pages`), or a file for each page, see
/// `page_path`.
std::vector<std::filesystem::path> output_paths(const std::string& out, const std::string& kind,
                                                const InputImage& input);

/// Writes the outputs of one input, page by page: `mask` holds the mask values of the data set, `index` the class
/// indices; `color` and `overlay` are pictures; `probabilities` is a float TIFF with one page per class, calibrated by
/// the temperature of the model. Each file is complete or absent.
class OutputWriter {
 public:
  /// The model must outlive the writer.
  OutputWriter(const std::string& out, const std::vector<std::string>& kinds, const InputImage& input,
               const TrainedModel& model);

  /// Writes the outputs of the next page, in folders that are made. Throws Error(cannot_create), Error(io).
  void add(const cv::Mat& image, const torch::Tensor& logits);

  /// Writes the files of all pages. Throws as `add` does.
  void finish();

 private:
  const TrainedModel& model_;
  std::map<std::string, std::vector<std::filesystem::path>> paths_;  ///< by kind
  std::map<std::string, std::unique_ptr<TiffPages>> stacks_;         ///< by kind, for files of several pages
  size_t page_ = 0;
};

}  // namespace unet
