#include "data/dataset/layouts/pair_rule.h"

#include <algorithm>
#include <cctype>

#include "configs/schema/error.h"
#include "configs/schema/shell_text.h"
#include "data/dataset/layouts/usual_names.h"

namespace unet {
namespace {

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

/// Patterns that separate images from masks in one folder: those whose words say which is which, then the others, each
/// with the best first.
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

/// Chooses the rule that pairs the files of two folders, or of one.
class RuleChoice {
 public:
  RuleChoice(const PairFolders& folders, const std::vector<NamedFile>& images, const std::vector<NamedFile>& masks,
             const DataOptions& options, SampleList& list)
      : folders_(folders),
        images_(images),
        masks_(masks),
        options_(options),
        list_(list),
        is_one_(folders.images == folders.masks) {}

  std::optional<PairRule> run() {
    const NamePattern given = pattern_of(folders_.names);
    if (!given.image.empty() || !given.mask.empty()) return PairRule{given};
    if (is_one_) return rule_for_one();
    const size_t count = images_.size(), enough = (std::min(count, masks_.size()) + 1) / 2;
    if (enough == 0) return PairRule{};
    const size_t exact = count_pairs(images_, masks_, {});
    if (exact >= enough) return PairRule{};
    if (count_folders() > exact && 2 * count_folders() >= count) return found(PairRule{{}, PairMode::by_folder});
    const std::vector<FoundPattern> patterns = find_patterns(images_, masks_);
    if (!patterns.empty() && patterns[0].pairs > exact) {
      const FoundPattern& best = patterns[0];
      const bool is_clear = best.pairs >= enough && (best.pairs > 1 || says_kind(best.pattern.mask, FileKind::mask));
      if (is_clear && !is_equivocal(patterns, images_, masks_)) return found(PairRule{best.pattern});
      if (exact == 0) return propose(patterns);
    }
    if (exact == 0 && count_pairs(images_, masks_, {}, false) >= enough) return found(PairRule{{}, PairMode::by_stem});
    return PairRule{};
  }

 private:
  std::optional<PairRule> rule_for_one() {
    const std::vector<FoundPattern> patterns = patterns_in_one(images_);
    if (patterns.empty()) {
      list_.problems.push_back(
          {FindingKind::no_pair, folders_.images,
           concat(folders_.images, ": got ", images_.size(), " images and no name that tells masks from images. ",
                  "Set data.mask_suffix, e.g.: unet train --data ", shell_text(options_.dir),
                  settings_of(names_with(folders_.names, {{}, {"", "_mask"}}))),
           "no masks"});
      return std::nullopt;
    }
    const bool is_clear = is_oriented(patterns[0].pattern) && !is_equivocal(patterns, images_, images_);
    return is_clear ? found(PairRule{patterns[0].pattern}) : propose(patterns);
  }

  /// Number of images with a folder of masks.
  size_t count_folders() const {
    const auto folders = masks_by_folder(masks_);
    return static_cast<size_t>(std::count_if(images_.begin(), images_.end(), [&](const NamedFile& image) {
      return folders.count(image.folder + image.stem + "/") != 0;
    }));
  }

  /// Takes a rule that the files show, and says so.
  PairRule found(const PairRule& rule) {
    if (rule.mode == PairMode::by_folder) {
      list_.decisions.push_back(concat("the masks of an image are the files in ", folders_.masks, "/NAME/, merged"));
    } else if (rule.mode == PairMode::by_stem) {
      list_.decisions.push_back("images and masks are in different sub-folders and paired by their names alone");
    } else {
      list_.names = names_with(list_.names.value_or(folders_.names), rule.pattern);
      list_.decisions.push_back(concat("images ", rule.pattern.image.around("*"), " belong to masks ",
                                       rule.pattern.mask.around("*"), " (found by their names)"));
    }
    return rule;
  }

  /// Says what to type where the names are ambiguous.
  std::optional<PairRule> propose(const std::vector<FoundPattern>& patterns) {
    constexpr size_t kMaxProposals = 3;
    std::string text = concat(folders_.images, ": no mask has the name of its image",
                              is_one_ ? "" : " in " + folders_.masks, ", and the names are ambiguous. ");
    std::string commands;
    for (size_t i = 0; i < std::min(kMaxProposals, patterns.size()); ++i) {
      const NamePattern& pattern = patterns[i].pattern;
      const auto image = std::find_if(images_.begin(), images_.end(),
                                      [&](const NamedFile& each) { return !mask_of(each, masks_, pattern).empty(); });
      if (image == images_.end()) continue;
      commands += concat("\n    pairs: ", patterns[i].pairs, ", such as ", image->path, " and ",
                         mask_of(*image, masks_, pattern), ":\n    unet train --data ", shell_text(options_.dir),
                         settings_of(names_with(list_.names.value_or(folders_.names), pattern)));
    }
    list_.problems.push_back(
        {FindingKind::no_pair, folders_.images,
         text + (commands.empty() ? "Set data.mask_suffix" : "Run the one that is right:" + commands),
         "no mask of the same name"});
    return std::nullopt;
  }

  const PairFolders& folders_;
  const std::vector<NamedFile>&images_, &masks_;
  const DataOptions& options_;
  SampleList& list_;
  bool is_one_;
};

}  // namespace

MasksByFolder masks_by_folder(const std::vector<NamedFile>& masks) {
  MasksByFolder folders;
  for (const NamedFile& mask : masks)
    if (!mask.folder.empty()) folders[mask.folder].push_back(&mask);
  return folders;
}

std::optional<PairRule> choose_pair_rule(const PairFolders& folders, const std::vector<NamedFile>& images,
                                         const std::vector<NamedFile>& masks, const DataOptions& options,
                                         SampleList& list) {
  return RuleChoice(folders, images, masks, options, list).run();
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
