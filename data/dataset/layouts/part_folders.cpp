#include "data/dataset/layouts/part_folders.h"

#include <filesystem>

#include "configs/schema/suggest.h"
#include "data/dataset/layouts/image_mask_folders.h"
#include "data/files/folder.h"

namespace unet {
namespace {

std::string part_folder(const DataOptions& options, Part part) {
  return (std::filesystem::path(options.dir) / kPartNames[part]).string();
}

std::string expects_part_folders(const DataOptions& options) {
  const bool is_ruled_out = options.split != SplitMode::automatic && options.split != SplitMode::folders;
  return "train/, and optionally val/ and test/, each with " + options.images + "/ and " + options.masks + "/" +
         (is_ruled_out ? " (but data.split: " + enum_name(options.split) + " rules them out)" : "");
}

bool matches_part_folders(const DataOptions& options) {
  return (options.split == SplitMode::automatic || options.split == SplitMode::folders) &&
         is_folder(part_folder(options, kTrain));
}

SampleList list_part_folders(const DataOptions& options) {
  SampleList list;
  std::vector<std::string> names;
  for (const Part part : {kTrain, kVal, kTest}) {
    const std::string folder = part_folder(options, part);
    if (!is_folder(folder)) continue;
    add_image_mask_folders(folder, options, part, list);
    list.parts.push_back(part);
    names.push_back(std::string(kPartNames[part]) + "/");
  }
  list.rule = "by folder: " + join(names);
  return list;
}

}  // namespace

const DatasetLayout kPartFolders{"part_folders", expects_part_folders, matches_part_folders, list_part_folders};

}  // namespace unet
