#include "data/dataset/layouts/pairing.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <unordered_map>

#include "configs/schema/error.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/stacks.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

enum class PairMode {
  by_path,    ///< folder and stem are equal
  by_stem,    ///< folders differ
  by_folder,  ///< the masks of an image stand in a folder of its name
};

struct PairRule {
  NamePattern pattern{};
  PairMode mode = PairMode::by_path;
};

using FileOfKey = std::map<std::string, const NamedFile*>;

std::string without_affixes(const Affixes& affixes, const std::string& key) {
  return affixes.prefix + key + affixes.suffix;
}

/// "A*B" for the names of one kind.
std::string shape_of(const Affixes& affixes) { return affixes.prefix + "*" + affixes.suffix; }

FileNames names_with(FileNames names, const NamePattern& pattern) {
  names.image_prefix = pattern.image.prefix;
  names.image_suffix = pattern.image.suffix;
  names.mask_prefix = pattern.mask.prefix;
  names.mask_suffix = pattern.mask.suffix;
  return names;
}

NamePattern pattern_of(const FileNames& names) {
  return {{names.image_prefix, names.image_suffix}, {names.mask_prefix, names.mask_suffix}};
}

bool says_kind(const Affixes& affixes, FileKind kind) {
  return says_kind(affixes.prefix, kind) || says_kind(affixes.suffix, kind);
}

bool is_lossy_extension(const std::string& suffix) {
  for (const char* ending : {".jpg", ".jpeg", ".JPG", ".JPEG"})
    if (suffix == ending) return true;
  return false;
}

/// Whether the affixes say which of two files is the mask.
bool is_oriented(const NamePattern& pattern) {
  const auto& [image, mask] = pattern;
  if (is_lossy_extension(image.suffix) && mask.suffix.rfind('.', 0) == 0) return !is_lossy_extension(mask.suffix);
  if (says_kind(mask, FileKind::mask)) return !says_kind(image, FileKind::mask);
  return says_kind(image, FileKind::image) && !mask.empty() && !says_kind(mask, FileKind::image);
}

bool has_key(const NamedFile& file, const Affixes& affixes) { return key_of(file, affixes).has_value(); }

/// The path of the mask of an image, "" without one.
std::string mask_of(const NamedFile& image, const std::vector<NamedFile>& masks, const NamePattern& pattern) {
  const auto key = key_of(image, pattern.image);
  if (!key) return "";
  const auto mask = std::find_if(masks.begin(), masks.end(),
                                 [&](const NamedFile& each) { return key_of(each, pattern.mask) == key; });
  return mask == masks.end() ? "" : mask->path;
}

/// Whether another pattern, equally good, gives other masks.
bool is_equivocal(const std::vector<FoundPattern>& patterns, const std::vector<NamedFile>& images,
                  const std::vector<NamedFile>& masks) {
  const FoundPattern& best = patterns.at(0);
  const auto rank = [](const FoundPattern& each) {
    return mask_rank(each.pattern.mask.prefix + each.pattern.mask.suffix);
  };
  const auto image = std::find_if(images.begin(), images.end(),
                                  [&](const NamedFile& each) { return !mask_of(each, masks, best.pattern).empty(); });
  if (image == images.end()) return false;
  const std::string mask = mask_of(*image, masks, best.pattern);
  return std::any_of(patterns.begin() + 1, patterns.end(), [&](const FoundPattern& each) {
    if (each.pairs < best.pairs || rank(each) != rank(best)) return false;
    const std::string other = mask_of(*image, masks, each.pattern);
    return !other.empty() && other != mask;
  });
}

bool has_letters(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

/// Patterns that tell images and masks in one folder, the best first; those whose words say which is which come first.
std::vector<FoundPattern> patterns_in_one(const std::vector<NamedFile>& files) {
  std::vector<FoundPattern> patterns = find_patterns(files, files);
  const auto is_chance = [&](const FoundPattern& each) {
    const auto& [image, mask] = each.pattern;
    const bool has_letter = has_letters(image.prefix + image.suffix + mask.prefix + mask.suffix);
    return each.pairs == 0 || each.pairs * 4 < files.size() || !has_letter;
  };
  patterns.erase(std::remove_if(patterns.begin(), patterns.end(), is_chance), patterns.end());
  std::stable_partition(patterns.begin(), patterns.end(),
                        [](const FoundPattern& each) { return is_oriented(each.pattern); });
  return patterns;
}

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
    const std::optional<PairRule> rule = choose_rule();
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
  std::optional<PairRule> choose_rule() {
    const NamePattern given = pattern_of(folders_.names);
    if (!given.image.empty() || !given.mask.empty()) return PairRule{given};
    if (is_one_) return rule_for_one();
    const size_t count = images_.images.size(), enough = (std::min(count, masks_.images.size()) + 1) / 2;
    if (enough == 0) return PairRule{};
    const size_t exact = count_pairs(images_.images, masks_.images, {});
    if (exact >= enough) return PairRule{};
    if (count_folders() > exact && 2 * count_folders() >= count) return found(PairRule{{}, PairMode::by_folder});
    const std::vector<FoundPattern> patterns = find_patterns(images_.images, masks_.images);
    if (!patterns.empty() && patterns[0].pairs > exact) {
      const FoundPattern& best = patterns[0];
      const bool is_clear = best.pairs >= enough && (best.pairs > 1 || says_kind(best.pattern.mask, FileKind::mask));
      if (is_clear && !is_equivocal(patterns, images_.images, masks_.images)) return found(PairRule{best.pattern});
      if (exact == 0) return propose(patterns);
    }
    if (exact == 0 && count_pairs(images_.images, masks_.images, {}, false) >= enough)
      return found(PairRule{{}, PairMode::by_stem});
    return PairRule{};
  }

  std::optional<PairRule> rule_for_one() {
    const std::vector<FoundPattern> patterns = patterns_in_one(images_.images);
    if (patterns.empty()) {
      list_.problems.push_back({FindingKind::no_pair, folders_.images,
                                concat(folders_.images, ": got ", images_.images.size(),
                                       " images and no name that tells masks from images. ",
                                       "Set data.mask_suffix, e.g.: unet train --data ", shell_text(options_.dir),
                                       settings_of(names_with(folders_.names, {{}, {"", "_mask"}}))),
                                "no masks"});
      return std::nullopt;
    }
    const bool is_clear = is_oriented(patterns[0].pattern) && !is_equivocal(patterns, images_.images, images_.images);
    return is_clear ? found(PairRule{patterns[0].pattern}) : propose(patterns);
  }

  /// Number of images with a folder of masks.
  size_t count_folders() const {
    const auto folders = masks_by_folder();
    return static_cast<size_t>(std::count_if(images_.images.begin(), images_.images.end(), [&](const NamedFile& image) {
      return folders.count(image.folder + image.stem + "/") != 0;
    }));
  }

  std::map<std::string, std::vector<const NamedFile*>> masks_by_folder() const {
    std::map<std::string, std::vector<const NamedFile*>> folders;
    for (const NamedFile& mask : masks_.images)
      if (!mask.folder.empty()) folders[mask.folder].push_back(&mask);
    return folders;
  }

  /// Takes a rule that the files show, and says so.
  PairRule found(const PairRule& rule) {
    if (rule.mode == PairMode::by_folder) {
      list_.decisions.push_back(concat("the masks of an image are the files in ", folders_.masks, "/NAME/, merged"));
    } else if (rule.mode == PairMode::by_stem) {
      list_.decisions.push_back("images and masks are in different sub-folders and paired by their names alone");
    } else {
      list_.names = names_with(list_.names.value_or(folders_.names), rule.pattern);
      list_.decisions.push_back(concat("images ", shape_of(rule.pattern.image), " belong to masks ",
                                       shape_of(rule.pattern.mask), " (found by their names)"));
    }
    return rule;
  }

  /// Says what to type where the names are equivocal.
  std::optional<PairRule> propose(const std::vector<FoundPattern>& patterns) {
    constexpr size_t kMaxProposals = 3;
    const std::vector<NamedFile>& masks = masks_.images;
    std::string text = concat(folders_.images, ": no mask has the name of its image",
                              is_one_ ? "" : " in " + folders_.masks, ", and other names do not tell for certain. ");
    std::string commands;
    for (size_t i = 0; i < std::min(kMaxProposals, patterns.size()); ++i) {
      const NamePattern& pattern = patterns[i].pattern;
      const auto image = std::find_if(images_.images.begin(), images_.images.end(),
                                      [&](const NamedFile& each) { return !mask_of(each, masks, pattern).empty(); });
      if (image == images_.images.end()) continue;
      commands += concat("\n    pairs: ", patterns[i].pairs, ", such as ", image->path, " and ",
                         mask_of(*image, masks, pattern), ":\n    unet train --data ", shell_text(options_.dir),
                         settings_of(names_with(list_.names.value_or(folders_.names), pattern)));
    }
    list_.problems.push_back({FindingKind::no_pair, folders_.images,
                              text + (commands.empty() ? "Set data.mask_suffix" : "Type what is right:" + commands),
                              "no mask of the same name"});
    return std::nullopt;
  }

  /// Sorts the files of one folder into images and masks by their affixes; without a mask affix, all others are masks.
  void divide_files() {
    const auto& [image, mask] = rule_.pattern;
    std::vector<NamedFile> images, masks;
    for (const NamedFile& file : masks_.images) {
      const bool is_mask = mask.empty() ? !has_key(file, image) : has_key(file, mask);
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
                               concat(file.path, ": skipped: its name is not ", shape_of(affixes)), ""});
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
    std::map<std::string, std::vector<const NamedFile*>> folders = masks_by_folder();
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
    const std::string name = without_affixes(is_mask ? rule_.pattern.mask : rule_.pattern.image, key);
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

bool holds_both(const std::string& folder) { return !patterns_in_one(list_files(folder).images).empty(); }

std::string settings_of(const FileNames& names) {
  const FileNames defaults;
  std::string text;
  const auto add = [&](const char* option, const std::string& value, const std::string& otherwise) {
    if (value != otherwise) text += concat(" --set ", shell_text(concat("data.", option, "=", value)));
  };
  add("images", names.images, defaults.images);
  add("masks", names.masks, defaults.masks);
  add("image_prefix", names.image_prefix, "");
  add("image_suffix", names.image_suffix, "");
  add("mask_prefix", names.mask_prefix, "");
  add("mask_suffix", names.mask_suffix, "");
  return text;
}

}  // namespace unet
