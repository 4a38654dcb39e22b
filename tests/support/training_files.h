#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"
#include "data/dataset/sample_ref.h"
#include "data/images/image_io.h"
#include "tests/support/temp_folder.h"

namespace unet {

/// RGB images of random pixels with masks of random classes 0 to 2, as files in a temporary folder.
class TrainingFiles {
 public:
  TrainingFiles(int count, int height, int width, const std::string& extension = ".png") {
    cv::RNG random(29);
    for (int i = 0; i < count; ++i) {
      Sample sample{cv::Mat(height, width, CV_8UC3), cv::Mat(height, width, CV_8UC1)};
      random.fill(sample.image, cv::RNG::UNIFORM, 0, 256);
      random.fill(sample.mask, cv::RNG::UNIFORM, 0, 3);
      const std::string stem = std::to_string(i);
      refs_.push_back(
          {stem, ImageFile(folder_ / (stem + extension)), MaskFile(folder_ / (stem + "_mask" + extension))});
      write_image(refs_.back().text(), sample.image);
      write_image(text_of(refs_.back().labels), sample.mask);
      samples_.push_back(sample);
    }
  }

  const std::vector<SampleRef>& refs() const { return refs_; }
  const cv::Mat& image(int i) const { return samples_[static_cast<size_t>(i)].image; }
  const cv::Mat& mask(int i) const { return samples_[static_cast<size_t>(i)].mask; }

  /// Resolved options for random crops of this size, without normalization.
  DataOptions options(int64_t height, int64_t width) const {
    DataOptions options;
    options.labels = {{0, 0}, {1, 1}, {2, 2}};
    options.channels = 3;
    options.size = {height, width};
    options.mean = {0, 0, 0};
    options.std = {1, 1, 1};
    return options;
  }

  void remove_all() const {
    for (const SampleRef& ref : refs_) {
      std::filesystem::remove(ref.text());
      std::filesystem::remove(text_of(ref.labels));
    }
  }

 private:
  TempFolder folder_;
  std::vector<SampleRef> refs_;
  std::vector<Sample> samples_;
};

}  // namespace unet
