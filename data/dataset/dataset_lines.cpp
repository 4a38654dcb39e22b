#include "data/dataset/dataset_lines.h"

#include <array>
#include <map>

#include "configs/schema/text.h"

namespace unet {
namespace {

constexpr size_t kMaxNamedFiles = 3;

}  // namespace

std::vector<std::string> rotation_lines(const Dataset& dataset) {
  std::array<int64_t, 4> counts{};
  for (size_t i = 0; i < dataset.samples.size(); ++i)
    if (dataset.scan.usable[i]) ++counts[static_cast<size_t>(dataset.scan.rotations[i])];
  const auto count = [&](MaskRotation rotation) { return counts[static_cast<size_t>(rotation)]; };
  const int64_t upright = count(MaskRotation::upright), turned = count(MaskRotation::turned),
                unclear = count(MaskRotation::unclear);
  std::vector<std::string> parts;
  if (upright > 0) parts.push_back(concat(upright, " masks fit their rotated image"));
  if (turned > 0) parts.push_back(concat(turned, " masks fit the stored image and are rotated like it"));
  if (unclear > 0)
    parts.push_back(concat(unclear, " masks would fit either way and are taken as they are; see them with ",
                           "unet check-data --out"));
  if (parts.empty()) return {};
  return {"EXIF rotation of the image, not of the mask: " + join(parts, ", ")};
}

std::vector<std::string> conversion_lines(const Dataset& dataset) {
  std::map<std::string, std::vector<std::string>> images;
  for (size_t i = 0; i < dataset.samples.size(); ++i)
    if (!dataset.scan.converted[i].empty()) images[dataset.scan.converted[i]].push_back(dataset.samples[i].text());
  std::vector<std::string> lines;
  for (const auto& [model, names] : images)
    lines.push_back(
        concat(model, " images converted to RGB: ", names.size(), " (", join_first(names, kMaxNamedFiles), ")"));
  return lines;
}

std::vector<std::string> left_out_lines(const std::vector<Finding>& notes) {
  std::map<FindingKind, std::vector<std::string>> files;
  for (const Finding& note : notes)
    if (!note.sample) files[note.kind].push_back(note.file);
  std::vector<std::string> lines;
  for (const auto& [kind, names] : files)
    lines.push_back(concat(title_of(kind), ": ", names.size(), " (", join_first(names, kMaxNamedFiles), ")"));
  return lines;
}

}  // namespace unet
