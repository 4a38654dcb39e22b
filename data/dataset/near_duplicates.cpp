#include "data/dataset/near_duplicates.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <utility>

namespace unet {
namespace {

constexpr int kHashBits = 64, kHashSide = 8, kTransformSide = 32;
constexpr float kUnit = 32;  // of a thumbnail, in parts of the standard deviation

/// Whether the thumbnail deviates more than rounding of the stored values lets a flat image deviate.
bool has_contrast(int depth, double mean, double deviation) {
  if (!std::isfinite(mean) || !std::isfinite(deviation)) return false;
  constexpr double kStoredUnits = 2, kFloatShare = 1e-4;
  return depth == CV_32F ? deviation > kFloatShare * std::abs(mean) : deviation >= kStoredUnits;
}

uint64_t perceptual_hash(const cv::Mat& small) {
  cv::Mat frequencies;
  cv::dct(small - cv::mean(small), frequencies);
  std::array<float, kHashBits> low{};
  for (int y = 0; y < kHashSide; ++y)
    for (int x = 0; x < kHashSide; ++x)
      low[static_cast<size_t>(y * kHashSide + x)] = frequencies.at<float>(y + 1, x + 1);
  std::array<float, kHashBits> sorted = low;
  std::nth_element(sorted.begin(), sorted.begin() + kHashBits / 2, sorted.end());
  const float median = sorted[kHashBits / 2];
  uint64_t hash = 0;
  for (size_t i = 0; i < low.size(); ++i)
    if (low[i] > median) hash |= uint64_t{1} << i;
  return hash;
}

int differing_bits(uint64_t a, uint64_t b) { return static_cast<int>(std::bitset<kHashBits>(a ^ b).count()); }

uint64_t rotated(uint64_t hash, int bits) { return bits == 0 ? hash : hash << bits | hash >> (kHashBits - bits); }

}  // namespace

Fingerprint fingerprint_of(const cv::Mat& gray) {
  Fingerprint found;
  if (std::min(gray.rows, gray.cols) < Fingerprint::kSide) return found;
  cv::Mat small, thumbnail;
  cv::resize(gray, small, {kTransformSide, kTransformSide}, 0, 0, cv::INTER_AREA);
  small.convertTo(small, CV_32F);
  cv::resize(small, thumbnail, {Fingerprint::kSide, Fingerprint::kSide}, 0, 0, cv::INTER_AREA);
  cv::Scalar mean, deviation;
  cv::meanStdDev(thumbnail, mean, deviation);
  if (!has_contrast(gray.depth(), mean[0], deviation[0])) return found;
  const auto center = static_cast<float>(mean[0]), scale = kUnit / static_cast<float>(deviation[0]);
  for (int y = 0; y < Fingerprint::kSide; ++y)
    for (int x = 0; x < Fingerprint::kSide; ++x)
      found.thumbnail[static_cast<size_t>(y * Fingerprint::kSide + x)] =
          cv::saturate_cast<int8_t>((thumbnail.at<float>(y, x) - center) * scale);
  found.hash = perceptual_hash(small);
  found.aspect = static_cast<float>(gray.cols) / static_cast<float>(gray.rows);
  return found;
}

bool are_near_duplicates(const Fingerprint& a, const Fingerprint& b) {
  constexpr int kMaxBits = 12;
  constexpr float kMaxAspectRatio = 1.02F;
  constexpr double kMinCorrelation = 0.99;
  constexpr int kMaxDifference = static_cast<int>(0.5F * kUnit);
  if (a.aspect == 0 || b.aspect == 0 || differing_bits(a.hash, b.hash) > kMaxBits) return false;
  if (std::max(a.aspect, b.aspect) > kMaxAspectRatio * std::min(a.aspect, b.aspect)) return false;
  int64_t product = 0, square_a = 0, square_b = 0;
  for (size_t i = 0; i < a.thumbnail.size(); ++i) {
    const int x = a.thumbnail[i], y = b.thumbnail[i];
    if (std::abs(x - y) > kMaxDifference) return false;
    product += x * y;
    square_a += x * x;
    square_b += y * y;
  }
  return static_cast<double>(product) >=
         kMinCorrelation * std::sqrt(static_cast<double>(square_a) * static_cast<double>(square_b));
}

std::vector<NearPair> near_duplicates(const std::vector<Fingerprint>& fingerprints, const std::vector<size_t>& which) {
  // Hashes that differ in few bits share their first bits in some rotation, so they lie close in its sorted order.
  constexpr int kRotation = 8;
  constexpr size_t kNeighbors = 16;
  std::vector<size_t> images;
  std::copy_if(which.begin(), which.end(), std::back_inserter(images),
               [&](size_t i) { return fingerprints[i].aspect > 0; });
  std::vector<NearPair> pairs;
  for (int bits = 0; bits < kHashBits; bits += kRotation) {
    std::sort(images.begin(), images.end(), [&](size_t a, size_t b) {
      return std::make_pair(rotated(fingerprints[a].hash, bits), a) <
             std::make_pair(rotated(fingerprints[b].hash, bits), b);
    });
    for (size_t i = 0; i < images.size(); ++i)
      for (size_t j = i + 1; j < std::min(images.size(), i + 1 + kNeighbors); ++j) {
        const Fingerprint &a = fingerprints[images[i]], &b = fingerprints[images[j]];
        const bool is_known = bits > 0 && a.hash == b.hash;  // equal hashes are neighbors in every order
        if (!is_known && are_near_duplicates(a, b))
          pairs.push_back({std::min(images[i], images[j]), std::max(images[i], images[j])});
      }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  }
  return pairs;
}

}  // namespace unet
