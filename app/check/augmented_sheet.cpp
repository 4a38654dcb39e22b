#include "app/check/augmented_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/imgproc.hpp>

#include "app/check/sample_picture.h"
#include "app/pictures/contact_sheet.h"
#include "app/pictures/contrast.h"
#include "app/pictures/drawing.h"
#include "app/pictures/palette.h"
#include "app/training/training_data.h"
#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr int64_t kVersions = 16;

bool has_foreground(const DataReport& report, size_t sample, const ClassStyle& style) {
  const ValueCounts& counts = report.data.scan.value_counts[sample];
  return std::any_of(counts.begin(), counts.end(), [&](const auto& entry) {
    const int64_t label = style.labels->class_of(entry.first);
    return entry.second > 0 && label != style.untinted && label != kIgnoreLabel;
  });
}

/// The training set of the config, with `sample` at the index that is returned too.
std::pair<std::vector<SampleRef>, size_t> training_samples(const DataReport& report, size_t sample) {
  std::vector<size_t> indices = report.data.usable({kTrain});
  if (std::find(indices.begin(), indices.end(), sample) == indices.end()) indices.push_back(sample);
  const auto place = static_cast<size_t>(std::find(indices.begin(), indices.end(), sample) - indices.begin());
  std::vector<SampleRef> samples;
  for (const size_t index : indices) samples.push_back(report.data.samples[index]);
  return {samples, place};
}

/// Scales images of equal size to tiles and converts them to RGB with a common contrast, described in `notes`.
std::vector<cv::Mat> shown_alike(const std::vector<cv::Mat>& images, std::vector<std::string>& notes) {
  constexpr int kColors = 3;
  const cv::Size tile = tile_size(images[0].size(), kContactTile);
  std::vector<cv::Mat> shown;
  for (const cv::Mat& image : images) {
    notes.clear();
    shown.push_back(scaled(shown_channels(image, false, notes), tile, cv::INTER_LINEAR));
  }
  cv::Mat column;
  cv::vconcat(shown, column);
  double lowest = 0, highest = 0;
  cv::minMaxLoc(column.reshape(1), &lowest, &highest);
  if (lowest >= 0 && highest <= 1) column.convertTo(column, CV_16U, 65535);  // full contrast is shown as it is
  const Stretch stretch = images[0].channels() == kColors ? Stretch::joint : Stretch::by_channel;
  const DisplayImage display = with_contrast(column, cv::Mat(), stretch);
  notes.insert(notes.end(), display.notes.begin(), display.notes.end());
  std::vector<cv::Mat> pictures;
  for (int i = 0; i < static_cast<int>(images.size()); ++i)
    pictures.push_back(display.picture.rowRange(i * tile.height, (i + 1) * tile.height));
  return pictures;
}

cv::Mat with_mask(const cv::Mat& picture, const cv::Mat& mask, const ClassStyle& style) {
  cv::Mat classes;
  cv::resize(mask, classes, picture.size(), 0, 0, cv::INTER_NEAREST);
  cv::Mat drawn = overlaid(picture, classes, style.colors, style.untinted);
  stripe(drawn, classes == static_cast<double>(kIgnoreLabel));
  return drawn;
}

/// Joins words to lines that fit below a tile.
std::vector<std::string> wrapped_words(const std::vector<std::string>& words) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    std::replace(word.begin(), word.end(), '_', ' ');
    if (!lines.empty() && text_width(lines.back() + " " + word) <= kContactTile)
      lines.back() += " " + word;
    else
      lines.push_back(word);
  }
  return lines;
}

}  // namespace

size_t image_to_augment(const DataReport& report, const std::string& name) {
  const std::vector<size_t> train = report.data.usable({kTrain});
  if (name.empty()) {
    if (train.empty()) fail(ErrorKind::usage, "--augment: got no training image, expected at least one");
    const ClassStyle style = class_style(report);
    const auto found =
        std::find_if(train.begin(), train.end(), [&](size_t sample) { return has_foreground(report, sample, style); });
    return found != train.end() ? *found : train[0];
  }
  std::vector<std::string> names;
  for (const size_t sample : report.data.usable({kTrain, kVal, kTest})) {
    const std::string& full = report.data.samples[sample].name;
    names.push_back(std::filesystem::path(full).filename().string());
    if (full == name || names.back() == name) return sample;
  }
  const std::string near = nearest_name(name, names);
  fail(ErrorKind::usage, "--augment-image ", name, ": no usable image of this name in ", report.data.options.dir,
       near.empty() ? "" : ". Did you mean '" + near + "'?");
}

cv::Mat augmented_sheet(const Config& config, const DataReport& report, size_t sample,
                        std::vector<std::pair<std::string, std::string>> legend) {
  const ClassStyle style = class_style(report);
  const auto [samples, index] = training_samples(report, sample);
  const TrainingSet set = training_set(config, samples);
  std::vector<cv::Mat> images, masks;
  for (int64_t position = 0; position < kVersions; ++position) {
    const Sample version = set.augmented(index, 0, position);
    images.push_back(version.image);
    masks.push_back(version.mask);
  }
  std::vector<std::string> notes;
  const std::vector<cv::Mat> pictures = shown_alike(images, notes);

  const SampleRef& ref = report.data.samples[sample];
  const SamplePicture original(ref, style);
  const cv::Size size = report.data.scan.sizes[sample];
  std::vector<std::string> lines{fmt::format("as stored, {}x{}", size.width, size.height)};
  lines.insert(lines.end(), original.notes().begin(), original.notes().end());
  std::vector<ContactTile> tiles{{original.draw(kContactTile, style), ref.name, lines, false}};
  const auto seed = static_cast<uint64_t>(config.train.seed);
  for (size_t i = 0; i < pictures.size(); ++i) {
    std::vector<std::string> rows = wrapped_words(applied_rows(config.augment, seed, 0, static_cast<int64_t>(i)));
    if (rows.empty()) rows.emplace_back("plain crop");
    tiles.push_back({with_mask(pictures[i], masks[i], style), std::to_string(i + 1), rows, false});
  }

  const std::string striped = "ignored (striped)";
  if (std::none_of(legend.begin(), legend.end(), [&](const auto& entry) { return entry.first == striped; }))
    legend.emplace_back(striped, kStripeColor);
  std::vector<std::string> names, colors;
  for (const auto& [name, color] : legend) {
    names.push_back(name);
    colors.push_back(color);
  }
  notes.insert(notes.begin(), "below each: the augmentations applied to it");
  const std::vector<std::string> titles{
      fmt::format("{}: {} training samples of {}x{}", ref.text(), kVersions, images[0].cols, images[0].rows),
      join(notes, "; ")};
  return contact_sheet(titles, tiles, names, colors);
}

}  // namespace unet
