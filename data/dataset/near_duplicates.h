#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <tuple>
#include <vector>

namespace unet {

/// Perceptual hash and thumbnail of an image, by which near duplicates are found: frames of a video, images saved again
/// with lossy compression or at another size.
struct Fingerprint {
  static constexpr int kSide = 16;  ///< of the thumbnail, pixels

  /// Signs of the low frequencies of a cosine transform. Source: Zauner 2010, Implementation and Benchmarking of
  /// Perceptual Image Hash Functions, section 3.2.1.
  uint64_t hash = 0;
  /// Gray values minus their mean, in 1/32 of their standard deviation.
  std::array<int8_t, kSide * kSide> thumbnail{};
  /// Width divided by height. 0: the image has too few pixels or too little contrast to be compared.
  float aspect = 0;
};

/// Measures an image of one channel without NaN.
Fingerprint fingerprint_of(const cv::Mat& gray);

/// Whether two images are near duplicates: equal shape, and thumbnails that correlate and differ little in every place,
/// so that images of one scene with another object are told apart. An image without contrast is a near duplicate of
/// none.
bool are_near_duplicates(const Fingerprint& a, const Fingerprint& b);

/// Two images, `first` < `second`.
struct NearPair {
  size_t first, second;
};

inline bool operator<(const NearPair& a, const NearPair& b) {
  return std::tie(a.first, a.second) < std::tie(b.first, b.second);
}

inline bool operator==(const NearPair& a, const NearPair& b) { return a.first == b.first && a.second == b.second; }

/// Returns the pairs of near duplicates among the images `which`, sorted. Compares each image with a bounded number of
/// images of similar hash, in O(n log n): in a large set of very similar images some pairs are not found.
std::vector<NearPair> near_duplicates(const std::vector<Fingerprint>& fingerprints, const std::vector<size_t>& which);

}  // namespace unet
