#include "data/dataset/layouts/voc.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/pairing.h"
#include "data/files/composed.h"
#include "data/files/folder.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kImages = "JPEGImages";
constexpr const char* kMasks = "SegmentationClass";

std::string list_path(const DataOptions& options, const std::string& name) {
  return (fs::path(options.dir) / "ImageSets" / "Segmentation" / (name + ".txt")).string();
}

std::string expects_voc(const DataOptions& /*options*/) {
  return "JPEGImages/ and SegmentationClass/, with ImageSets/Segmentation/train.txt and val.txt if there are any";
}

bool matches_voc(const DataOptions& options) {
  const FileNames defaults;
  return options.split != SplitMode::folders && (options.images == defaults.images || options.images == kImages) &&
         (options.masks == defaults.masks || options.masks == kMasks) && is_folder(path_in(options.dir, kImages)) &&
         is_folder(path_in(options.dir, kMasks));
}

/// The stems of a list in ImageSets, one to a line.
std::vector<std::string> stems_of(const std::string& path) {
  std::vector<std::string> stems;
  for (const std::string& line : text_lines(read_file(path))) {
    std::istringstream words(line);
    std::string stem;
    if (words >> stem) stems.push_back(composed(stem));
  }
  return stems;
}

struct PartList {
  Part part;
  std::string name;
};

/// The lists that divide the data set; trainval only where train is missing.
std::vector<PartList> part_lists(const DataOptions& options) {
  std::vector<PartList> lists;
  const auto has = [&](const char* name) { return fs::exists(list_path(options, name)); };
  if (has("train"))
    lists.push_back({kTrain, "train"});
  else if (has("trainval"))
    lists.push_back({kTrain, "trainval"});
  if (lists.empty()) return lists;
  if (has("train") && has("val")) lists.push_back({kVal, "val"});
  if (has("test")) lists.push_back({kTest, "test"});
  return lists;
}

/// Gives samples the parts of the lists; those that no list names are left out.
void divide_by_lists(const DataOptions& options, const std::vector<PartList>& lists, SampleList& list) {
  std::map<std::string, SampleRef> samples;
  for (SampleRef& sample : list.samples) samples.emplace(sample.name, std::move(sample));
  list.samples.clear();
  std::vector<std::string> names;
  for (const PartList& each : lists) {
    std::vector<SampleRef> members;
    size_t missing = 0;
    std::string example;
    for (const std::string& stem : stems_of(list_path(options, each.name))) {
      const auto place = samples.find(stem);
      if (place == samples.end()) {
        if (missing++ == 0) example = stem;
        continue;
      }
      place->second.part = each.part;
      members.push_back(std::move(place->second));
      samples.erase(place);
    }
    if (members.empty() && each.part == kTest) continue;  // the labels of test images are not public
    if (missing > 0)
      list.problems.push_back({FindingKind::split_list, "",
                               concat(list_path(options, each.name), ": ", missing, " entries, e.g. '", example,
                                      "', name no image with a mask, or one that another list has. Correct or remove ",
                                      "them, or set data.split: fraction"),
                               ""});
    std::sort(members.begin(), members.end(), [](const SampleRef& a, const SampleRef& b) { return a.name < b.name; });
    std::move(members.begin(), members.end(), std::back_inserter(list.samples));
    list.parts.push_back(each.part);
    names.push_back(each.name + ".txt");
  }
  for (const auto& [name, sample] : samples)
    list.notes.push_back({FindingKind::other_mask, sample.text(),
                          sample.text() + ": skipped: no list in ImageSets/Segmentation has it", "in no list"});
  list.rule = "by ImageSets/Segmentation: " + join(names);
}

SampleList list_voc(const DataOptions& options) {
  SampleList list;
  FileNames names = options;
  names.images = kImages;
  names.masks = kMasks;
  add_pairs({path_in(options.dir, kImages), path_in(options.dir, kMasks), names, std::nullopt, false}, options, list);
  const std::vector<PartList> lists = part_lists(options);
  if (options.split == SplitMode::automatic && !lists.empty()) divide_by_lists(options, lists, list);
  return list;
}

}  // namespace

const DatasetLayout kVoc{"voc", expects_voc, matches_voc, list_voc};

}  // namespace unet
