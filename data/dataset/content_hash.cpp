#include "data/dataset/content_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace unet {

struct ContentHash::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh3{XXH3_createState(), XXH3_freeState};
  bool is_begun = false;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {}
ContentHash::~ContentHash() = default;

void ContentHash::add(const cv::Mat& band) {
  if (!state_->is_begun) {
    const XXH64_hash_t shape = XXH3_64bits_withSeed(&band.cols, sizeof(band.cols), static_cast<uint64_t>(band.type()));
    XXH3_64bits_reset_withSeed(state_->xxh3.get(), shape);
    state_->is_begun = true;
  }
  const size_t row_bytes = static_cast<size_t>(band.cols) * band.elemSize();
  for (int y = 0; y < band.rows; ++y) XXH3_64bits_update(state_->xxh3.get(), band.ptr(y), row_bytes);
}

uint64_t ContentHash::value() const { return XXH3_64bits_digest(state_->xxh3.get()); }

uint64_t content_hash(const cv::Mat& image) {
  ContentHash hash;
  hash.add(image);
  return hash.value();
}

}  // namespace unet
