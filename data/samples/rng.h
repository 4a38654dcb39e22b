#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace unet {

/// A counter-based random generator, which is a value and not a shared stream. Equal keys give equal numbers in every
/// thread and after every resume; different keys give unrelated ones.
/// Source: SplitMix64, Steele et al. 2014, doi:10.1145/2660193.2660195.
class Rng {
 public:
  explicit Rng(uint64_t key) : state_(key) {}

  /// Makes a generator for one purpose, e.g. `Rng::from(seed, "augment", epoch, index)`.
  template <class... Numbers>
  static Rng from(uint64_t seed, std::string_view purpose, Numbers... numbers) {
    uint64_t key = mix(seed + kStep);
    for (const char c : purpose) key = mix(key ^ static_cast<uint8_t>(c));
    ((key = mix((key + kStep) ^ mix(static_cast<uint64_t>(numbers) + kStep))), ...);
    return Rng(key);
  }

  uint64_t bits() { return mix(state_ += kStep); }

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Uniform in 0 .. count-1; count > 0.
  int64_t below(int64_t count) { return static_cast<int64_t>(uniform() * static_cast<double>(count)); }

  bool chance(double probability) { return uniform() < probability; }

  /// Normal with mean 0 and standard deviation 1 (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15ULL;

  static constexpr uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace unet
