#include "data/dataset/resolve_images.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "configs/schema/writer.h"
#include "data/dataset/channels.h"
#include "data/dataset/intensity.h"
#include "data/dataset/normalization.h"
#include "data/dataset/value_count.h"

namespace unet {
namespace {

constexpr double kSmallDeviation = 1e-4;

/// Bits per channel of most of these images; 0 if unknown.
int common_bits(const DataScan& scan, const std::vector<size_t>& images) {
  std::map<int, int64_t> counts;
  for (const size_t i : images)
    if (i < scan.bits.size()) ++counts[scan.bits[i]];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

std::string numbers_text(const std::vector<double>& numbers) {
  constexpr size_t kMaxShown = 8;
  std::vector<std::string> parts;
  for (const double number : numbers) parts.push_back(number_text(number));
  if (parts.size() > kMaxShown) {
    parts.erase(parts.begin() + kMaxShown / 2, parts.end() - 1);
    parts.insert(parts.end() - 1, "...");
  }
  return "[" + join(parts) + "]";
}

std::string resolve_channels(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  std::map<int64_t, int64_t> counts;  // images by channels without alpha
  std::map<int64_t, int64_t> unfit;
  bool has_band = false;
  for (const size_t i : train) {
    ++counts[scan.channels[i] - (scan.has_alpha[i] ? 1 : 0)];
    has_band = has_band || (scan.channels[i] == 4 && !scan.has_alpha[i]);
  }
  // Gray images become RGB next to RGB images; other numbers of channels stand alone.
  if (!options.channels) options.channels = counts.rbegin()->first;
  if (options.fourth_channel == FourthChannel::automatic && *options.channels == 4)
    options.fourth_channel = has_band ? FourthChannel::band : FourthChannel::alpha;
  for (const size_t i : train)
    if (!channels_convert(scan.channels[i], scan.has_alpha[i], *options.channels, options.fourth_channel))
      ++unfit[scan.channels[i] - (scan.has_alpha[i] ? 1 : 0)];
  for (const auto& [stored, count] : unfit)
    fail(ErrorKind::config, "[data.channels] got ", *options.channels, ", but ", count, " training images have ",
         counted(stored, "channel"),
         "; expected images that have equal channels, or are gray or RGB. Give the network the channels of the "
         "images, or move the others out of the data set");
  return concat("channels: ", *options.channels);
}

/// Rounds to what is readable in config.yaml and does not change normalized values. The steps of integer files with
/// ordinary deviations are those of earlier versions, so that equal data give equal trainings.
double rounded(double value, double deviation, bool is_integer) {
  constexpr double kUsualStep = 1e6;  // per unit
  double steps = kUsualStep;
  if (deviation > 0 && !(is_integer && deviation >= kSmallDeviation))
    steps = std::pow(10, 5 - std::floor(std::log10(deviation)));
  return std::round(value * steps) / steps;
}

/// Whether a channel hardly varies, so that it is shifted but not scaled.
bool is_constant(const ChannelIntensity& channel, int bits) {
  if (bits < 16) return channel.deviation < kSmallDeviation;
  const double largest = std::max(std::abs(channel.lowest), std::abs(channel.highest));
  constexpr double kRoundingErrors = 1e-6;  // of sums of squares
  return channel.deviation <= kRoundingErrors * largest;
}

/// Values as the files store them.
std::string stored_text(double value, int bits) {
  const double range = bits == 8 ? 255 : bits == 16 ? 65535 : 1;
  return number_text(bits == 32 ? value : std::round(value * range));
}

/// Describes the range of the values where it is worth knowing: 32-bit values, and integers that use a small part of
/// their range.
std::string range_text(const DataScan& scan, const std::vector<size_t>& train,
                       const std::vector<ChannelIntensity>& channels) {
  constexpr double kUnusual = 0.5;
  int64_t invalid = 0;
  for (const size_t i : train) invalid += scan.invalid[i];
  const int bits = common_bits(scan, train);
  double lowest = channels[0].lowest, highest = channels[0].highest;
  for (const ChannelIntensity& channel : channels) {
    lowest = std::min(lowest, channel.lowest);
    highest = std::max(highest, channel.highest);
  }
  const std::string values = concat("values ", stored_text(lowest, bits), " to ", stored_text(highest, bits));
  const std::string unset = invalid > 0 ? concat(", ", invalid, " pixels without a value") : "";
  if (bits == 32) return concat("images of 32 bits, ", values, unset);
  const double share = highest - lowest;
  if ((bits == 8 || bits == 16) && share < kUnusual && highest > lowest)
    return concat("images use ",
                  share < 0.01 ? number_text(std::round(1000 * share) / 10) : number_text(std::round(100 * share)),
                  "% of the ", bits, "-bit range (", values, ")", unset);
  return unset.empty() ? "" : concat("images: ", invalid, " pixels without a value");
}

std::string resolve_size(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  constexpr int64_t kResized = 256, kPadStep = 16;
  int64_t height = 0, width = 0;
  for (const size_t i : train) {
    height = std::max<int64_t>(height, scan.sizes[i].height);
    width = std::max<int64_t>(width, scan.sizes[i].width);
  }
  if (options.size.empty()) {
    const int64_t side = options.size_policy == SizePolicy::resize ? kResized : crop_side(scan, train);
    options.size = {side, side};
    if (options.size_policy == SizePolicy::pad) options.size = {round_up(height, kPadStep), round_up(width, kPadStep)};
  }
  if (options.size_policy == SizePolicy::pad && (options.size[0] < height || options.size[1] < width))
    fail(ErrorKind::config, "[data.size] got ", options.size[0], "x", options.size[1], ", expected at least ", height,
         "x", width,
         " (height x width), the largest training image, because data.size_policy is pad. Remove data.size to have it "
         "inferred, or set data.size_policy: crop");
  return concat("size: ", options.size[0], "x", options.size[1], " (height x width), ", enum_name(options.size_policy));
}

/// The statistics that the files have; under data.normalize: percentile those of the clipped values.
void fill_statistics(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train,
                     const std::vector<ChannelIntensity>& channels, const MeasureClipped& measure) {
  const int bits = common_bits(scan, train);
  std::vector<double> means, deviations, lows, highs;
  const auto add = [&](double mean, double deviation, double low, double high, bool constant) {
    const bool is_integer = bits != 32;
    means.push_back(rounded(mean, constant ? 0 : deviation, is_integer));
    deviations.push_back(constant ? 1 : rounded(deviation, deviation, is_integer));
    lows.push_back(rounded(low, deviation, is_integer));
    highs.push_back(rounded(high, deviation, is_integer));
  };
  const bool is_complete =
      !options.mean.empty() && !options.std.empty() && !options.min.empty() && !options.max.empty();
  if (options.normalize != Normalize::percentile) {
    for (const ChannelIntensity& channel : channels)
      add(channel.mean, channel.deviation, channel.lowest, channel.highest, is_constant(channel, bits));
  } else if (!is_complete) {
    if (!measure) fail(ErrorKind::internal, "[data.normalize] percentile without a way to measure it");
    for (const ClippedIntensity& channel : measure(options))
      add(channel.mean, channel.deviation, channel.low, channel.high,
          is_constant({channel.mean, channel.deviation, channel.low, channel.high}, bits));
  }
  if (options.mean.empty()) options.mean = means;
  if (options.std.empty()) options.std = deviations;
  if (options.min.empty()) options.min = lows;
  if (options.max.empty()) options.max = highs;
}

std::string normalization_text(const DataOptions& options, bool is_integer) {
  const std::string statistics = "mean " + numbers_text(options.mean) + ", std " + numbers_text(options.std) +
                                 " of values" + (is_integer ? " in [0,1]" : "");
  switch (options.normalize) {
    case Normalize::dataset:
      return statistics;
    case Normalize::percentile:
      return concat(statistics, " clipped to ", numbers_text(options.min), " and ", numbers_text(options.max),
                    ", the 0.5 and 99.5 percentiles");
    case Normalize::range:
      return concat(statistics, "; normalized by their range, ", numbers_text(options.min), " to ",
                    numbers_text(options.max));
    default:
      return concat(statistics, "; normalized by data.normalize: ", enum_name(options.normalize));
  }
}

std::vector<std::string> resolve_statistics(DataOptions& options, const DataScan& scan,
                                            const std::vector<size_t>& train, const MeasureClipped& measure) {
  const std::vector<ChannelIntensity> channels = intensity_of(scan, train, *options.channels);
  fill_statistics(options, scan, train, channels, measure);
  check_value_count("mean", options.mean, *options.channels, "channel");
  check_value_count("std", options.std, *options.channels, "channel");
  check_value_count("min", options.min, *options.channels, "channel");
  check_value_count("max", options.max, *options.channels, "channel");
  for (const double deviation : options.std)
    if (!(deviation > 0))
      fail(ErrorKind::config, "[data.std] got ", deviation, ", expected above 0. Remove the key to have it computed");
  for (size_t c = 0; c < options.min.size(); ++c)
    if (!(options.min[c] <= options.max[c]))
      fail(ErrorKind::config, "[data.min] got ", options.min[c], ", expected at most data.max, ", options.max[c],
           ". Remove both keys to have them computed");
  normalization_of(options);  // refuses what does not fit the channels
  const bool is_integer = common_bits(scan, train) != 32;
  const auto outside = [](const ChannelIntensity& channel) { return channel.lowest < 0 || channel.highest > 1; };
  if (options.normalize == Normalize::imagenet && std::any_of(channels.begin(), channels.end(), outside))
    fail(ErrorKind::config, "[data.normalize] got imagenet, which expects values from 0 to 1, but the training images ",
         "have others. Set data.normalize: dataset");
  std::vector<std::string> lines{normalization_text(options, is_integer)};
  if (const std::string range = range_text(scan, train, channels); !range.empty()) lines.push_back(range);
  return lines;
}

}  // namespace

int64_t crop_side(const DataScan& scan, const std::vector<size_t>& images) {
  constexpr int64_t kStep = 32, kMin = 64, kMax = 256;
  std::vector<int64_t> sides;
  for (const size_t i : images) sides.push_back(std::min(scan.sizes[i].width, scan.sizes[i].height));
  const auto median = sides.begin() + static_cast<std::ptrdiff_t>((sides.size() - 1) / 2);
  std::nth_element(sides.begin(), median, sides.end());
  return std::clamp(*median / kStep * kStep, kMin, kMax);
}

std::vector<std::string> resolve_images(DataOptions& options, const DataScan& scan, const std::vector<size_t>& images,
                                        const MeasureClipped& measure) {
  std::vector<std::string> lines;
  lines.push_back(resolve_channels(options, scan, images));
  lines.push_back(resolve_size(options, scan, images));
  for (std::string& line : resolve_statistics(options, scan, images, measure)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace unet
