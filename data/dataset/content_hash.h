#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>

namespace unet {

/// Hashes the pixels, the width and the type of an image or of label values, given as a whole or in bands of rows.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  /// Adds the rows below those added so far. All bands have the same width and type.
  void add(const cv::Mat& band);
  uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns the ContentHash of a whole image.
uint64_t content_hash(const cv::Mat& image);

}  // namespace unet
