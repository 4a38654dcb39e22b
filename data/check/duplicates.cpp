#include <map>

#include "configs/schema/error.h"
#include "data/check/checks.h"

namespace unet {
namespace {

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

Finding duplicate(const CheckedData& data, size_t index, size_t first) {
  const std::string& file = data.pairs[index].image;
  const std::string& other = data.pairs[first].image;
  const bool same_mask = data.scan.mask_hashes[index] == data.scan.mask_hashes[first];
  const std::string same =
      concat(file, ": the same image as ", other, same_mask ? ", with the same mask" : ", with another mask");
  const std::string twin = concat(same_mask ? "same as " : "other mask: ", file_name(other));
  const char* part = kPartNames[data.parts[index]];
  const char* other_part = kPartNames[data.parts[first]];
  if (data.parts[index] == data.parts[first])
    return {FindingKind::duplicate_image, file, concat(same, ", both in ", part, ". Remove one"), twin, other};
  return {FindingKind::leak, file,
          concat(same, "; this one is in ", part, ", the other in ", other_part,
                 ": a leak. Remove one, or keep them together by data.group_pattern or lists"),
          "leak: " + twin, other};
}

}  // namespace

void check_duplicates(const CheckedData& data, std::vector<Finding>& findings) {
  std::map<uint64_t, size_t> first_of;
  for (size_t i = 0; i < data.pairs.size(); ++i) {
    if (!data.scan.usable[i]) continue;
    const auto [place, fresh] = first_of.emplace(data.scan.image_hashes[i], i);
    if (!fresh) findings.push_back(duplicate(data, i, place->second));
  }
}

}  // namespace unet
