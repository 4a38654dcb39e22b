#include "data/dataset/layouts/image_mask_folders.h"

#include <filesystem>
#include <map>

#include "configs/schema/error.h"
#include "data/files/folder.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

using PathsByStem = std::map<std::string, std::string>;

void add_finding(std::vector<Finding>& findings, FindingKind kind, const std::string& file, const std::string& what,
                 const std::string& reason) {
  findings.push_back({kind, file, file + ": " + what, reason});
}

/// Lists the image files of a folder by their stems without `suffix`; a second file with a stem is a problem.
PathsByStem image_files(const fs::path& folder, const std::string& suffix, SampleList& list) {
  PathsByStem files;
  for (const std::string& name : list_folder(folder.string())) {
    const std::string path = (folder / name).string();
    if (!has_image_extension(name)) {
      if (name.back() != '/') add_finding(list.notes, FindingKind::other_file, path, "skipped: no image extension", "");
      continue;
    }
    std::string stem = fs::path(name).stem().string();
    if (!suffix.empty()) {
      // If images and masks share a folder, files without the suffix are the images.
      if (stem.size() <= suffix.size() || stem.compare(stem.size() - suffix.size(), suffix.size(), suffix) != 0)
        continue;
      stem.resize(stem.size() - suffix.size());
    }
    const auto [place, inserted] = files.emplace(stem, path);
    if (!inserted)
      add_finding(list.problems, FindingKind::duplicate_stem, path,
                  concat("same stem as ", place->second, ". Rename or remove one of them"), "same stem as another");
  }
  return files;
}

void report_orphan(const DataOptions& options, const std::string& path, const std::string& missing,
                   const fs::path& folder, const std::string& stem, SampleList& list) {
  const std::string what = concat("no ", missing, "; looked for ", (folder / stem).string(), ".*");
  if (options.missing_mask == BadFilePolicy::skip)
    add_finding(list.notes, FindingKind::orphan, path, what, "no " + missing);
  else
    add_finding(list.problems, FindingKind::orphan, path,
                what + ". Add it, set data.mask_suffix, or set data.missing_mask: skip", "no " + missing);
}

std::string expects_image_mask_folders(const DataOptions& options) {
  return options.images + "/ and " + options.masks + "/" +
         (options.split == SplitMode::folders ? " (but data.split: folders requires train/)" : "");
}

bool matches_image_mask_folders(const DataOptions& options) {
  const fs::path dir(options.dir);
  return options.split != SplitMode::folders &&
         (is_folder((dir / options.images).string()) || is_folder((dir / options.masks).string()));
}

SampleList list_image_mask_folders(const DataOptions& options) {
  SampleList list;
  add_image_mask_folders(options.dir, options, std::nullopt, list);
  return list;
}

}  // namespace

void add_image_mask_folders(const std::string& folder, const DataOptions& options, std::optional<Part> part,
                            SampleList& list) {
  const fs::path images = fs::path(folder) / options.images, masks = fs::path(folder) / options.masks;
  for (const fs::path& path : {images, masks})
    if (!is_folder(path.string()))
      fail(ErrorKind::missing_input, path.string(), ": no such folder; found in ", folder, ": ", folder_summary(folder),
           ". Set data.images and data.masks to the names of the folders");
  const PathsByStem masks_by_stem = image_files(masks, options.mask_suffix, list);
  PathsByStem images_by_stem = image_files(images, "", list);
  // If images and masks share a folder, the suffix tells them apart.
  if (images == masks)
    for (const auto& [stem, mask] : masks_by_stem) images_by_stem.erase(stem + options.mask_suffix);

  for (const auto& [stem, image] : images_by_stem) {
    const auto mask = masks_by_stem.find(stem);
    if (mask != masks_by_stem.end())
      list.samples.push_back({stem, ImageFile(image), MaskFile(mask->second), "", part});
    else
      report_orphan(options, image, "mask", masks, stem + options.mask_suffix, list);
  }
  for (const auto& [stem, mask] : masks_by_stem)
    if (images_by_stem.count(stem) == 0) report_orphan(options, mask, "image", images, stem, list);
}

const DatasetLayout kImageMaskFolders{"folders", expects_image_mask_folders, matches_image_mask_folders,
                                      list_image_mask_folders};

}  // namespace unet
