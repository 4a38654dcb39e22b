#include "data/resolve.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/writer.h"
#include "data/class_colors.h"

namespace unet {
namespace {

/// Indices of the pairs that training uses.
std::vector<size_t> training_pairs(const DataScan& scan, const std::vector<bool>& is_train) {
  std::vector<size_t> pairs;
  for (size_t i = 0; i < is_train.size(); ++i)
    if (is_train[i] && scan.usable[i]) pairs.push_back(i);
  if (pairs.empty())
    fail(ErrorKind::data, "[resolve_data] got no usable training image, expected at least one. ",
         "Check the data set and data.val_fraction");
  return pairs;
}

int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

std::string numbers_text(const std::vector<double>& numbers) {
  std::vector<std::string> parts;
  for (const double number : numbers) parts.push_back(number_text(number));
  return "[" + join(parts) + "]";
}

template <class T>
void check_count(const char* key, const std::vector<T>& given, int64_t expected, const char* of) {
  if (static_cast<int64_t>(given.size()) != expected)
    fail(ErrorKind::config, "[data.", key, "] got ", given.size(), " values, expected ", expected, ", one for each ",
         of, ". Leave it out to have them chosen");
}

void resolve_labels(DataOptions& options, const DataScan& scan) {
  if (!options.labels.empty()) return;
  ValueCounts all;
  for (const ValueCounts& counts : scan.value_counts)
    for (const auto& [value, count] : counts) all[value] += count;
  options.labels = infer_labels(all, options.ignore_values);
}

/// Names and colours; the line tells the whole map from mask values to names.
std::string resolve_names(DataOptions& options) {
  const LabelMap labels(options.labels, options.ignore_values);
  const int64_t classes = labels.num_classes();
  if (options.class_names.empty() && classes == 2 && labels.class_of(0) == 0)
    options.class_names = {"background", "foreground"};
  if (options.class_names.empty())
    for (int64_t i = 0; i < classes; ++i) options.class_names.push_back(concat("class ", i));
  check_count("class_names", options.class_names, classes, "class");
  if (options.class_colors.empty()) options.class_colors = default_class_colors(classes);
  check_count("class_colors", options.class_colors, classes, "class");
  for (const std::string& color : options.class_colors) parse_color(color);

  std::vector<std::string> parts;
  for (const auto& [value, label] : options.labels)
    parts.push_back(
        concat(value, " -> ", label == kIgnoreLabel ? "ignored" : options.class_names.at(static_cast<size_t>(label))));
  for (const int64_t value : options.ignore_values) parts.push_back(concat(value, " -> ignored"));
  return concat(classes, " classes, by mask value: ") + join(parts);
}

std::string resolve_channels(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  if (!options.channels) {
    const bool grey = std::all_of(train.begin(), train.end(), [&](size_t i) { return scan.channels[i] == 1; });
    options.channels = grey ? 1 : 3;
  }
  if (*options.channels != 1 && *options.channels != 3 && *options.channels != 4)
    fail(ErrorKind::config, "[data.channels] got ", *options.channels,
         ", expected 1 (grey), 3 (RGB) or 4 (RGB and alpha)", ". Leave it out to have it chosen");
  return concat("channels: ", *options.channels);
}

/// The side of training crops: fits into at least half of the images, and 32 divides it for deep networks.
int64_t crop_side(const DataScan& scan, const std::vector<size_t>& train) {
  constexpr int64_t kStep = 32, kLeast = 64, kMost = 256;
  std::vector<int64_t> sides;
  for (const size_t i : train) sides.push_back(std::min(scan.sizes[i].width, scan.sizes[i].height));
  const auto median = sides.begin() + static_cast<std::ptrdiff_t>((sides.size() - 1) / 2);
  std::nth_element(sides.begin(), median, sides.end());
  return std::clamp(*median / kStep * kStep, kLeast, kMost);
}

std::string resolve_size(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  constexpr int64_t kResized = 256, kPadStep = 16;
  int64_t height = 0, width = 0;
  for (const size_t i : train) {
    height = std::max<int64_t>(height, scan.sizes[i].height);
    width = std::max<int64_t>(width, scan.sizes[i].width);
  }
  if (options.size.empty()) {
    const int64_t side = options.size_policy == "resize" ? kResized : crop_side(scan, train);
    options.size = {side, side};
    if (options.size_policy == "pad") options.size = {round_up(height, kPadStep), round_up(width, kPadStep)};
  }
  if (options.size_policy == "pad" && (options.size[0] < height || options.size[1] < width))
    fail(ErrorKind::config, "[data.size] got ", options.size[0], "x", options.size[1], ", expected at least ", height,
         "x", width,
         " (height x width), the largest training image, as data.size_policy is pad. Leave it out, or use crop");
  return concat("size: ", options.size[0], "x", options.size[1], " (height x width), ", options.size_policy);
}

struct Statistics {
  std::vector<double> mean, deviation;
};

/// Sum and sum of squares of channel `c` of an image once it has `channels` channels.
std::pair<double, double> channel_sums(const DataScan& scan, size_t pair, int64_t channels, size_t c) {
  const auto stored = static_cast<size_t>(scan.channels[pair]);
  if (c == 3 && stored < 4) {
    const auto opaque = static_cast<double>(scan.sizes[pair].area());
    return {opaque, opaque};
  }
  const size_t source = channels == 1 || stored == 1 ? stored : c;  // behind the channels lies the grey image
  return {scan.sums[pair][source], scan.square_sums[pair][source]};
}

/// Over all pixels of the training images, rounded to what a person can read.
Statistics statistics_of(const DataScan& scan, const std::vector<size_t>& train, int64_t channels) {
  const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };
  constexpr double kConstant = 1e-4;  // a channel that hardly varies is only shifted
  Statistics statistics;
  for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
    double sum = 0, square = 0, pixels = 0;
    for (const size_t i : train) {
      const auto [image_sum, image_square] = channel_sums(scan, i, channels, c);
      sum += image_sum;
      square += image_square;
      pixels += static_cast<double>(scan.sizes[i].area());
    }
    const double mean = sum / pixels;
    const double deviation = std::sqrt(std::max(0.0, square / pixels - mean * mean));
    statistics.mean.push_back(rounded(mean));
    statistics.deviation.push_back(deviation < kConstant ? 1 : rounded(deviation));
  }
  return statistics;
}

std::string resolve_statistics(DataOptions& options, const DataScan& scan, const std::vector<size_t>& train) {
  const Statistics statistics = statistics_of(scan, train, *options.channels);
  if (options.mean.empty()) options.mean = statistics.mean;
  if (options.std.empty()) options.std = statistics.deviation;
  check_count("mean", options.mean, *options.channels, "channel");
  check_count("std", options.std, *options.channels, "channel");
  for (const double deviation : options.std)
    if (!(deviation > 0))
      fail(ErrorKind::config, "[data.std] got ", deviation, ", expected above 0. Leave it out to have it chosen");
  return "mean " + numbers_text(options.mean) + ", std " + numbers_text(options.std) + " of values in [0,1]";
}

}  // namespace

std::vector<std::string> resolve_data(DataOptions& options, const DataScan& scan, const std::vector<bool>& is_train) {
  const std::vector<size_t> train = training_pairs(scan, is_train);
  resolve_labels(options, scan);
  std::vector<std::string> lines;
  lines.push_back(resolve_names(options));
  lines.push_back(resolve_channels(options, scan, train));
  lines.push_back(resolve_size(options, scan, train));
  lines.push_back(resolve_statistics(options, scan, train));
  return lines;
}

}  // namespace unet
