#include "app/check/suggested_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/check/facts.h"
#include "app/check/text_layout.h"
#include "configs/schema/enum_names.h"

namespace unet {
namespace {

/// A comment within a section; a line feed in a name must not end it.
std::string comment(const std::string& text) {
  const std::string hash = "  # ";
  std::string words = text;
  std::replace_if(
      words.begin(), words.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  std::string result = hash + wrapped(words, hash.size());
  const std::string line_break = "\n" + std::string(hash.size(), ' ');
  for (size_t at = 0; (at = result.find(line_break, at)) != std::string::npos; ++at)
    result.replace(at, line_break.size(), "\n" + hash);
  return result + "\n";
}

}  // namespace

std::string class_weights_reason(const DataReport& report) {
  const auto rarest = rarest_class(report.masks);
  if (!rarest) return "";
  return fmt::format("the rarest class, {}, has {} of the training pixels", report.masks.classes[*rarest].name,
                     percent(report.masks.classes[*rarest].pixels[kTrain], report.masks.labeled[kTrain]));
}

std::string suggested_config(const DataReport& report) {
  if (report.crop == 0 || report.normalization.reason.empty()) return "";
  std::string text = "data:\n";
  if (report.data.options.size_policy == SizePolicy::crop)
    text += comment(fmt::format("crops of {0}x{0} fit into {1} of the training images", report.crop,
                                percent(images_with_min_side(report, report.crop), usable_by_part(report)[kTrain]))) +
            fmt::format("  size: [{0}, {0}]\n", report.crop);
  text += comment(report.normalization.reason) +
          fmt::format("  normalize: {}\n", enum_name(report.normalization.normalize));
  if (wants_class_weights(report.masks))
    text += "loss:\n" + comment(class_weights_reason(report) + "; auto: the weights above") +
            "  terms: [{name: cross_entropy, class_weights: auto}, {name: dice}]\n";
  return text;
}

}  // namespace unet
