#include "data/dataset/layouts/pairing.h"

#include <algorithm>
#include <map>

#include "configs/schema/error.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/pair_rule.h"
#include "data/dataset/layouts/stacks.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/files/read_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

using FileOfKey = std::map<std::string, const NamedFile*>;

class Pairing {
 public:
  Pairing(const PairFolders& folders, const DataOptions& options, SampleList& list)
      : folders_(folders), options_(options), list_(list), is_one_(folders.images == folders.masks) {
    // Beside the folders of a data set, its own files; else a mask in there would be an image, too.
    const bool masks_are_inside = !is_one_ && folders.masks.rfind(folders.images + "/", 0) == 0;
    images_ = list_files(folders.images, !masks_are_inside);
    masks_ = is_one_ ? images_ : list_files(folders.masks);
  }

  void run() {
    const std::optional<PairRule> rule = choose_pair_rule(folders_, images_.images, masks_.images, options_, list_);
    if (!rule) return;
    rule_ = *rule;
    if (is_one_) divide_files();
    const size_t first = list_.samples.size();
    rule_.mode == PairMode::by_folder ? add_merged() : add_single();
    note_others();
    std::sort(list_.samples.begin() + static_cast<std::ptrdiff_t>(first), list_.samples.end(),
              [](const SampleRef& a, const SampleRef& b) { return a.name < b.name; });
  }

 private:
  /// Sorts the files of one folder into images and masks by their affixes; without a mask affix, all others are masks.
  void divide_files() {
    const auto& [image, mask] = rule_.pattern;
    std::vector<NamedFile> images, masks;
    for (const NamedFile& file : masks_.images) {
      const bool is_mask = mask.empty() ? !key_of(file, image) : key_of(file, mask).has_value();
      (is_mask ? masks : images).push_back(file);
    }
    images_.images = std::move(images);
    masks_.images = std::move(masks);
    masks_.others.clear();
  }

  /// The files by their keys; a second file of a key is a problem, a file without affixes is left out.
  FileOfKey keyed(const std::vector<NamedFile>& files, const Affixes& affixes) {
    FileOfKey keys;
    for (const NamedFile& file : files) {
      const auto key = key_of(file, affixes, rule_.mode != PairMode::by_stem);
      if (!key) {
        list_.notes.push_back({FindingKind::other_mask, file.path,
                               concat(file.path, ": skipped: its name is not ", affixes.around("*")), ""});
        continue;
      }
      const auto [place, inserted] = keys.emplace(*key, &file);
      if (!inserted)
        list_.problems.push_back(
            {FindingKind::duplicate_stem, file.path,
             concat(file.path, ": same stem as ", place->second->path, ". Rename or remove one of them"),
             "same stem as another"});
    }
    return keys;
  }

  void add_single() {
    const FileOfKey masks = keyed(masks_.images, rule_.pattern.mask),
                    images = keyed(images_.images, rule_.pattern.image);
    for (const auto& [key, image] : images) {
      const auto mask = masks.find(key);
      if (mask == masks.end())
        report_orphan(image->path, key, FileKind::mask);
      else
        add_files({key, ImageFile(image->path), MaskFile(mask->second->path), "", folders_.part}, list_);
    }
    for (const auto& [key, mask] : masks)
      if (images.count(key) == 0) report_orphan(mask->path, key, FileKind::image);
  }

  void add_merged() {
    MasksByFolder folders = masks_by_folder(masks_.images);
    for (const auto& [key, image] : keyed(images_.images, {})) {
      const auto masks = folders.find(key + "/");
      if (masks == folders.end()) {
        report_orphan(image->path, key, FileKind::mask);
        continue;
      }
      MergedMasks merged;
      for (const NamedFile* mask : masks->second) merged.layers.push_back({mask->path});
      list_.samples.push_back({key, ImageFile(image->path), merged, "", folders_.part});
      folders.erase(masks);
    }
    for (const auto& [folder, masks] : folders)
      report_orphan(masks[0]->path, folder.substr(0, folder.size() - 1), FileKind::image);
  }

  /// Why a file of another extension is not the missing one; "" without such a file.
  std::string reason_not_read(const std::string& key, FileKind missing) const {
    const NamedFiles& files = missing == FileKind::mask ? masks_ : images_;
    const Affixes& affixes = missing == FileKind::mask ? rule_.pattern.mask : rule_.pattern.image;
    for (const NamedFile& file : files.others) {
      if (key_of(file, affixes, rule_.mode != PairMode::by_stem) != key) continue;
      try {
        probe_image(read_file(file.path), file.path);
        return concat(file.path, ": '", file.extension, "' is not the extension of an image");
      } catch (const Error& error) {
        return error.what();
      }
    }
    return "";
  }

  void report_orphan(const std::string& path, const std::string& key, FileKind missing) {
    const bool is_mask = missing == FileKind::mask;
    const std::string word = is_mask ? "mask" : "image";
    if (is_mask && !folders_.every_image) {
      list_.notes.push_back({FindingKind::unlabeled_image, path, path + ": skipped: it has no mask", "no mask"});
      return;
    }
    const std::string name = (is_mask ? rule_.pattern.mask : rule_.pattern.image).around(key);
    const std::string other = reason_not_read(key, missing);
    const std::string what = other.empty() ? concat(path, ": no ", word, "; looked for ",
                                                    path_in(is_mask ? folders_.masks : folders_.images, name), ".*")
                                           : concat(path, ": its ", word, " is not read: ", other);
    if (options_.missing_mask == BadFilePolicy::skip)
      list_.notes.push_back({FindingKind::orphan, path, what, "no " + word});
    else
      list_.problems.push_back(
          {FindingKind::orphan, path,
           other.empty() ? what + ". Add it, set data.mask_suffix, or set data.missing_mask: skip" : what,
           "no " + word});
  }

  void note_others() {
    for (const NamedFiles* files : {&masks_, &images_})
      for (const NamedFile& file : files->others)
        list_.notes.push_back({FindingKind::other_file, file.path, file.path + ": skipped: no image extension", ""});
  }

  const PairFolders& folders_;
  const DataOptions& options_;
  SampleList& list_;
  bool is_one_;
  NamedFiles images_, masks_;
  PairRule rule_;
};

}  // namespace

void add_pairs(const PairFolders& folders, const DataOptions& options, SampleList& list) {
  Pairing(folders, options, list).run();
}

}  // namespace unet
