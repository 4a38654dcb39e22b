#include <map>

#include "configs/schema/error.h"
#include "data/check/checks.h"

namespace unet {
namespace {

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

Finding duplicate(const Dataset& data, size_t index, size_t first) {
  const std::string file = data.samples[index].text();
  const std::string other = data.samples[first].text();
  const bool same_mask = data.scan.mask_hashes[index] == data.scan.mask_hashes[first];
  const std::string same =
      concat(file, ": same image as ", other, same_mask ? ", with the same mask" : ", with a different mask");
  const std::string twin = concat(same_mask ? "same as " : "different mask: ", file_name(other));
  const char* part = kPartNames[data.part(index)];
  const char* other_part = kPartNames[data.part(first)];
  if (data.part(index) == data.part(first))
    return {FindingKind::duplicate_image, file, concat(same, ", both in ", part, ". Remove one"), twin, index, first};
  return {FindingKind::leak,
          file,
          concat(same, "; this one is in ", part, ", the other in ", other_part,
                 ": a leak. Remove one, or keep them in one part with data.group_pattern or lists"),
          "leak: " + twin,
          index,
          first};
}

Finding near_leak(const Dataset& data, size_t index, size_t other) {
  const std::string file = data.samples[index].text(), twin = data.samples[other].text();
  return {FindingKind::near_leak,
          file,
          concat(file, ": near duplicate of ", twin, "; this one is in ", kPartNames[data.part(index)],
                 ", the other in ", kPartNames[data.part(other)],
                 ": it inflates scores. Keep them in one part with data.group_pattern or lists, or remove one"),
          "near duplicate: " + file_name(twin),
          index,
          other};
}

}  // namespace

void check_duplicates(const Dataset& data, std::vector<Finding>& findings) {
  std::map<uint64_t, size_t> first_of;
  for (size_t i = 0; i < data.samples.size(); ++i) {
    if (!data.scan.usable[i]) continue;
    const auto [place, inserted] = first_of.emplace(data.scan.image_hashes[i], i);
    if (!inserted) findings.push_back(duplicate(data, i, place->second));
  }
}

void check_near_duplicates(const Dataset& data, std::vector<Finding>& findings) {
  std::map<size_t, size_t> twins;  // of each sample, the first in an earlier part
  for (const NearPair& pair : near_duplicates(data.scan.fingerprints, data.usable({kTrain, kVal, kTest})))
    if (data.part(pair.first) != data.part(pair.second) &&
        data.scan.image_hashes[pair.first] != data.scan.image_hashes[pair.second])
      twins.emplace(pair.second, pair.first);
  for (const auto& [index, other] : twins) findings.push_back(near_leak(data, index, other));
}

}  // namespace unet
