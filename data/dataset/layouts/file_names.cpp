#include "data/dataset/layouts/file_names.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <tuple>
#include <unordered_map>

#include "configs/schema/text.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/files/composed.h"
#include "data/files/folder.h"
#include "data/images/image_io.h"
#include "data/images/image_signature.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Tells images by their extension, and by the content of a few files where the extension says nothing.
class ImageExtensions {
 public:
  bool is_image(const NamedFile& file) {
    if (has_image_extension(file.path)) return true;
    if (is_text_extension(file.extension)) return false;
    Tried& tried = tried_[file.extension];
    constexpr int kFilesTried = 3;
    if (!tried.is_image && tried.files < kFilesTried) {
      ++tried.files;
      tried.is_image = has_image_signature(file.path);
    }
    return tried.is_image;
  }

 private:
  struct Tried {
    int files = 0;
    bool is_image = false;
  };

  static bool is_text_extension(const std::string& extension) {
    for (const char* known : {".txt", ".json", ".xml", ".csv", ".tsv", ".md", ".yaml", ".yml", ".html", ".log", ".py",
                              ".ipynb", ".db", ".ini", ".zip"})
      if (extension == known) return true;
    return false;
  }

  std::map<std::string, Tried> tried_;
};

/// Text that an image's and a mask's stem have in common: where it begins in each, and its length.
struct Core {
  size_t in_image = 0, in_mask = 0, length = 0;
};

Core common_prefix(const std::string& a, const std::string& b) {
  Core core;
  while (core.length < std::min(a.size(), b.size()) && a[core.length] == b[core.length]) ++core.length;
  return core;
}

Core common_suffix(const std::string& a, const std::string& b) {
  Core core;
  while (core.length < std::min(a.size(), b.size()) && a[a.size() - 1 - core.length] == b[b.size() - 1 - core.length])
    ++core.length;
  core.in_image = a.size() - core.length;
  core.in_mask = b.size() - core.length;
  return core;
}

Core longest_common(const std::string& a, const std::string& b) {
  Core core;
  std::vector<size_t> above(b.size() + 1), lengths(b.size() + 1);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) {
      lengths[j + 1] = a[i] == b[j] ? above[j] + 1 : 0;
      if (lengths[j + 1] > core.length) core = {i + 1 - lengths[j + 1], j + 1 - lengths[j + 1], lengths[j + 1]};
    }
    std::swap(above, lengths);
  }
  return core;
}

int character_class(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isdigit(byte) != 0 ? 1 : std::isalpha(byte) != 0 || byte >= 0x80 ? 2 : 0;
}

/// Whether a cut between these characters goes through a word or number.
bool cuts_word(char before, char behind) {
  return character_class(before) != 0 && character_class(before) == character_class(behind);
}

/// Shrinks the core until its ends cut no word, and separators at its ends belong to the affixes.
Core at_words(const std::string& image, const std::string& mask, Core core) {
  const auto cuts_behind = [&](const std::string& text, size_t begin) {
    const size_t end = begin + core.length;
    return end < text.size() && cuts_word(text[end - 1], text[end]);
  };
  const auto cuts_before = [&](const std::string& text, size_t begin) {
    return begin > 0 && cuts_word(text[begin - 1], text[begin]);
  };
  while (core.length > 0 && (cuts_behind(image, core.in_image) || cuts_behind(mask, core.in_mask))) --core.length;
  while (core.length > 0 && (cuts_before(image, core.in_image) || cuts_before(mask, core.in_mask)))
    core = {core.in_image + 1, core.in_mask + 1, core.length - 1};
  const auto has_suffix = [&] {
    return core.in_image + core.length < image.size() || core.in_mask + core.length < mask.size();
  };
  while (core.length > 0 && has_suffix() && character_class(image[core.in_image + core.length - 1]) == 0) --core.length;
  while (core.length > 0 && (core.in_image > 0 || core.in_mask > 0) && character_class(image[core.in_image]) == 0)
    core = {core.in_image + 1, core.in_mask + 1, core.length - 1};
  return core;
}

Affixes affixes_of(const std::string& stem, size_t begin, size_t length) {
  return {stem.substr(0, begin), stem.substr(begin + length)};
}

/// Positions in a list of `count` that are worth comparing with one at the relative position `share`.
std::vector<size_t> positions_near(double share, size_t count) {
  constexpr size_t kWindow = 128;
  const auto middle = static_cast<size_t>(share * static_cast<double>(count));
  std::vector<size_t> positions;
  for (size_t i = middle > kWindow ? middle - kWindow : 0; i < std::min(count, middle + kWindow); ++i)
    positions.push_back(i);
  return positions;
}

/// Adds the patterns that pair this image with one of the masks at these positions: those with the longest common text.
void add_candidates(const NamedFile& image, const std::vector<NamedFile>& masks, const std::vector<size_t>& positions,
                    std::vector<NamePattern>& candidates) {
  constexpr size_t kMaxTies = 8;
  for (const auto& common : {longest_common, common_prefix, common_suffix}) {
    std::vector<NamePattern> best;
    size_t longest = 1;
    for (const size_t i : positions) {
      const NamedFile& mask = masks[i];
      if (mask.path == image.path) continue;
      if (mask.stem == image.stem) {
        if (mask.extension != image.extension && mask.folder == image.folder)
          candidates.push_back({{"", image.extension}, {"", mask.extension}});
        continue;
      }
      const Core core = at_words(image.stem, mask.stem, common(image.stem, mask.stem));
      if (core.length < longest) continue;
      if (core.length > longest) best.clear();
      longest = core.length;
      if (best.size() < kMaxTies)
        best.push_back(
            {affixes_of(image.stem, core.in_image, core.length), affixes_of(mask.stem, core.in_mask, core.length)});
    }
    candidates.insert(candidates.end(), best.begin(), best.end());
  }
}

/// The distinct patterns, those that occur most often first.
std::vector<NamePattern> most_frequent(const std::vector<NamePattern>& patterns, size_t limit) {
  std::vector<std::pair<NamePattern, size_t>> counted;
  for (const NamePattern& pattern : patterns) {
    if (pattern.image == pattern.mask) continue;
    const auto place = std::find_if(counted.begin(), counted.end(), [&](const auto& each) {
      return each.first.image == pattern.image && each.first.mask == pattern.mask;
    });
    if (place == counted.end())
      counted.emplace_back(pattern, 1);
    else
      ++place->second;
  }
  std::stable_sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<NamePattern> frequent;
  for (size_t i = 0; i < std::min(limit, counted.size()); ++i) frequent.push_back(counted[i].first);
  return frequent;
}

size_t affix_length(const NamePattern& pattern) {
  return pattern.image.prefix.size() + pattern.image.suffix.size() + pattern.mask.prefix.size() +
         pattern.mask.suffix.size();
}

}  // namespace

NamedFiles list_files(const std::string& folder, bool recursive) {
  NamedFiles files;
  ImageExtensions extensions;
  for (TreeFile& file : list_tree(folder, recursive)) {
    const fs::path name(file.name);
    NamedFile named{(fs::path(folder) / file.folder / name).string(), composed(file.folder),
                    composed(name.stem().string()), name.extension().string()};
    (extensions.is_image(named) ? files.images : files.others).push_back(std::move(named));
  }
  return files;
}

bool holds_images(const std::string& folder) {
  for (const std::string& name : list_folder(folder))
    if (name.back() != '/' && has_image_extension(name)) return true;
  const std::vector<TreeFile> files = list_tree(folder);
  return std::any_of(files.begin(), files.end(), [](const TreeFile& file) { return has_image_extension(file.name); });
}

std::string path_in(const std::string& folder, const std::string& name) {
  return name == "." ? folder : (fs::path(folder) / name).string();
}

std::optional<std::string> key_of(const NamedFile& file, const Affixes& affixes, bool with_folder) {
  const auto between = [&](const std::string& name) -> std::optional<std::string> {
    const size_t taken = affixes.prefix.size() + affixes.suffix.size();
    if (name.size() <= taken || !starts_with(name, affixes.prefix) || !ends_with(name, affixes.suffix))
      return std::nullopt;
    return (with_folder ? file.folder : "") + name.substr(affixes.prefix.size(), name.size() - taken);
  };
  if (auto key = between(file.stem)) return key;
  // Longer than the extension or equal to it.
  return ends_with(affixes.suffix, file.extension) ? between(file.stem + file.extension) : std::nullopt;
}

size_t count_pairs(const std::vector<NamedFile>& images, const std::vector<NamedFile>& masks,
                   const NamePattern& pattern, bool with_folder) {
  std::unordered_map<std::string, const NamedFile*> mask_of;
  for (const NamedFile& mask : masks)
    if (auto key = key_of(mask, pattern.mask, with_folder)) mask_of.emplace(std::move(*key), &mask);
  size_t pairs = 0;
  for (const NamedFile& image : images) {
    const auto key = key_of(image, pattern.image, with_folder);
    const auto mask = key ? mask_of.find(*key) : mask_of.end();
    if (mask != mask_of.end() && mask->second->path != image.path) ++pairs;
  }
  return pairs;
}

std::vector<FoundPattern> find_patterns(const std::vector<NamedFile>& images, const std::vector<NamedFile>& masks) {
  constexpr size_t kImagesTried = 4, kMaxCandidates = 16;
  std::vector<NamePattern> candidates;
  for (size_t k = 0; k < std::min(kImagesTried, images.size()); ++k) {
    const size_t i = images.size() <= kImagesTried ? k : k * (images.size() - 1) / (kImagesTried - 1);
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(images.size());
    add_candidates(images[i], masks, positions_near(share, masks.size()), candidates);
  }
  std::vector<FoundPattern> found;
  for (const NamePattern& candidate : most_frequent(candidates, kMaxCandidates))
    found.push_back({candidate, count_pairs(images, masks, candidate)});
  const auto rank = [](const FoundPattern& each) {
    const Affixes& mask = each.pattern.mask;
    return std::make_tuple(-static_cast<int64_t>(each.pairs), mask_rank(mask.prefix + mask.suffix),
                           affix_length(each.pattern));
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const FoundPattern& a, const FoundPattern& b) { return rank(a) < rank(b); });
  return found;
}

}  // namespace unet
