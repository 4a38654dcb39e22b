#include "data/dataset/layouts/case_folders.h"

#include <algorithm>

#include "configs/schema/error.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/image_mask_folders.h"
#include "data/dataset/layouts/pairing.h"
#include "data/files/composed.h"
#include "data/files/folder.h"

namespace unet {
namespace {

std::vector<std::string> case_names(const std::string& folder) {
  std::vector<std::string> names;
  for (const std::string& name : list_folder(folder))
    if (name.back() == '/') names.push_back(name.substr(0, name.size() - 1));
  return names;
}

struct CaseFolders {
  std::string images, masks;  ///< paths; "" where there is none
};

CaseFolders folders_of_case(const std::string& path) {
  CaseFolders found;
  for (const FileKind kind : {FileKind::image, FileKind::mask})
    if (const auto folders = folders_of_kind(path, kind); !folders.empty())
      (kind == FileKind::image ? found.images : found.masks) = path_in(path, folders[0]);
  return found;
}

std::string expects_case_folders(const DataOptions& options) {
  return "a folder for each image, with " + options.images + "/ and " + options.masks +
         "/ inside, which may hold a mask for each object";
}

bool matches_case_folders(const DataOptions& options) {
  if (options.split == SplitMode::folders) return false;
  const std::vector<std::string> names = case_names(options.dir);
  // A single folder is a data set in a folder of its own, not a case.
  if (names.size() < 2) return false;
  for (const std::string& name : names) {
    if (kind_of_folder(name) || part_of_folder(name)) return false;
    const CaseFolders folders = folders_of_case(path_in(options.dir, name));
    if (!folders.images.empty() && !folders.masks.empty()) return true;
  }
  return false;
}

/// Adds the only image of a case with all of its masks.
void add_objects(const std::string& name, const NamedFile& image, const std::vector<NamedFile>& masks,
                 SampleList& list) {
  if (masks.size() == 1) {
    list.samples.push_back({name, ImageFile(image.path), MaskFile(masks[0].path)});
    return;
  }
  MergedMasks merged;
  for (const NamedFile& mask : masks) merged.layers.push_back({mask.path});
  list.samples.push_back({name, ImageFile(image.path), merged});
}

void add_case_folder(const std::string& name, bool is_group, const DataOptions& options, SampleList& list) {
  const std::string path = path_in(options.dir, name);
  const CaseFolders folders = folders_of_case(path);
  if (folders.images.empty() || folders.masks.empty()) {
    list.notes.push_back({FindingKind::unlabeled_image, path, path + ": skipped: it lacks images/ or masks/", ""});
    return;
  }
  const std::vector<NamedFile> images = list_files(folders.images).images, masks = list_files(folders.masks).images;
  if (images.size() == 1 && !masks.empty()) return add_objects(composed(name), images[0], masks, list);
  SampleList inner;
  add_pairs({folders.images, folders.masks, options}, options, inner);
  for (SampleRef& sample : inner.samples) {
    sample.name = composed(name) + "/" + sample.name;
    if (is_group) sample.group = composed(name);
    list.samples.push_back(std::move(sample));
  }
  list.problems.insert(list.problems.end(), inner.problems.begin(), inner.problems.end());
  list.notes.insert(list.notes.end(), inner.notes.begin(), inner.notes.end());
}

SampleList list_case_folders(const DataOptions& options) {
  SampleList list;
  const std::vector<std::string> names = case_names(options.dir);
  // Of a few folders, a part of the split would be one whole folder.
  constexpr size_t kMinGroups = 5;
  const bool may_group = options.group_pattern.empty() && names.size() >= kMinGroups;
  for (const std::string& name : names) add_case_folder(name, may_group, options, list);
  std::sort(list.samples.begin(), list.samples.end(),
            [](const SampleRef& a, const SampleRef& b) { return a.name < b.name; });
  const auto merged = std::count_if(list.samples.begin(), list.samples.end(), [](const SampleRef& sample) {
    return std::holds_alternative<MergedMasks>(sample.labels);
  });
  const bool is_grouped = std::any_of(list.samples.begin(), list.samples.end(),
                                      [](const SampleRef& sample) { return !sample.group.empty(); });
  list.decisions.push_back(concat("images and masks in each of ", names.size(),
                                  " folders; images with several masks, which are merged: ", merged,
                                  is_grouped ? "; the images of a folder stay in one part of the split" : ""));
  return list;
}

}  // namespace

const DatasetLayout kCaseFolders{"case_folders", expects_case_folders, matches_case_folders, list_case_folders};

}  // namespace unet
