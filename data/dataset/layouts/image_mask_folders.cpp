#include "data/dataset/layouts/image_mask_folders.h"

#include <algorithm>

#include "configs/schema/error.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/pairing.h"
#include "data/dataset/layouts/stacks.h"
#include "data/files/folder.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

bool has_folder(const DataOptions& options, const std::string& name) { return is_folder(path_in(options.dir, name)); }

bool has_own_images(const std::string& folder) {
  const std::vector<std::string> names = list_folder(folder);
  return std::any_of(names.begin(), names.end(), has_image_extension);
}

/// The option's name of the folder of a kind, and whether other names may be tried.
const std::string& folder_option(const FileNames& names, FileKind kind) {
  return kind == FileKind::image ? names.images : names.masks;
}

bool may_search(const DataOptions& options, FileKind kind) {
  const std::string& name = folder_option(options, kind);
  return name == folder_option(FileNames(), kind) && !has_folder(options, name);
}

/// Finds the folder of a kind where the option has its default; nothing where there is none.
std::optional<std::string> find_folder(const DataOptions& options, FileKind kind) {
  if (has_folder(options, folder_option(options, kind))) return folder_option(options, kind);
  if (!may_search(options, kind)) return std::nullopt;
  const std::vector<std::string> folders = folders_of_kind(options.dir, kind);
  if (folders.empty()) return std::nullopt;
  if (folders.size() == 1) return folders[0];
  const std::string option = kind == FileKind::image ? "images" : "masks";
  fail(ErrorKind::data, options.dir, ": several folders may hold the ", option, ": ", join(folders),
       ". Choose one: unet train --data ", shell_text(options.dir), " --set ",
       shell_text(concat("data.", option, "=", folders[0])));
}

std::string expects_image_mask_folders(const DataOptions& options) {
  return options.images + "/ and " + options.masks + "/" +
         (options.split == SplitMode::folders ? " (but data.split: folders requires train/)" : "") +
         ", or other usual names, with files of equal names";
}

bool matches_image_mask_folders(const DataOptions& options) {
  if (options.split == SplitMode::folders) return false;
  if (has_folder(options, options.images) || has_folder(options, options.masks)) return true;
  const bool has_images = may_search(options, FileKind::image) &&
                          (!folders_of_kind(options.dir, FileKind::image).empty() || has_own_images(options.dir));
  return has_images && may_search(options, FileKind::mask) && !folders_of_kind(options.dir, FileKind::mask).empty();
}

/// Chooses the folders, and says what was found rather than given.
FileNames choose_folders(const DataOptions& options, SampleList& list) {
  FileNames names = options;
  const std::optional<std::string> images = find_folder(options, FileKind::image),
                                   masks = find_folder(options, FileKind::mask);
  if (images)
    names.images = *images;
  else if (masks && may_search(options, FileKind::image) && has_own_images(options.dir))
    names.images = ".";
  if (masks)
    names.masks = *masks;
  else if (images && may_search(options, FileKind::mask) && holds_both(path_in(options.dir, *images)))
    names.masks = *images;
  if (names.images != options.images || names.masks != options.masks) {
    list.names = names;
    list.decisions.push_back(
        concat("images in ", names.images, "/, masks in ", names.masks, "/ (found by their names)"));
  }
  return names;
}

void require_folders(const DataOptions& options, const FileNames& names) {
  for (const std::string& name : {names.images, names.masks})
    if (!has_folder(options, name))
      fail(ErrorKind::missing_input, path_in(options.dir, name), ": no such folder; found in ", options.dir, ": ",
           folder_summary(options.dir), ". Name the folders: unet train --data ", shell_text(options.dir),
           " --set data.images=FOLDER --set data.masks=FOLDER");
}

SampleList list_image_mask_folders(const DataOptions& options) {
  SampleList list;
  const FileNames names = choose_folders(options, list);
  require_folders(options, names);
  add_pairs({path_in(options.dir, names.images), path_in(options.dir, names.masks), names}, options, list);
  finish_stacks(options, list);
  return list;
}

std::string expects_one_folder(const DataOptions& /*options*/) {
  return "images and masks in one folder, told apart by their names, e.g. a.png and a_mask.png";
}

bool matches_one_folder(const DataOptions& options) {
  const FileNames defaults;
  return options.split != SplitMode::folders && options.images == defaults.images && options.masks == defaults.masks &&
         holds_both(options.dir);
}

SampleList list_one_folder(const DataOptions& options) {
  SampleList list;
  FileNames names = options;
  names.images = names.masks = ".";
  list.names = names;
  add_pairs({options.dir, options.dir, names}, options, list);
  finish_stacks(options, list);
  return list;
}

}  // namespace

std::vector<std::string> folders_of_kind(const std::string& folder, FileKind kind) {
  std::vector<std::string> folders;
  for (const std::string& name : list_folder(folder))
    if (name.back() == '/' && kind_of_folder(name) == kind) folders.push_back(name.substr(0, name.size() - 1));
  if (folders.size() < 2) return folders;
  std::vector<std::string> full;
  std::copy_if(folders.begin(), folders.end(), std::back_inserter(full),
               [&](const std::string& name) { return holds_images(path_in(folder, name)); });
  return full.empty() ? folders : full;
}

const DatasetLayout kImageMaskFolders{"folders", expects_image_mask_folders, matches_image_mask_folders,
                                      list_image_mask_folders};

const DatasetLayout kOneFolder{"one_folder", expects_one_folder, matches_one_folder, list_one_folder};

}  // namespace unet
