#include "data/dataset/pairing.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/dataset/split_rule.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kParts[] = {"train", "val", "test"};

/// Names of what lies in a folder, sorted, hidden files left out; folders end in a slash.
std::vector<std::string> list_folder(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.front() != '.') names.push_back(entry->is_directory(error) ? name + "/" : name);
  }
  if (error) fail(ErrorKind::io, "[find_pairs] ", folder.string(), ": cannot list: ", error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::string summary_of(const fs::path& folder) {
  constexpr size_t kShown = 10;
  const std::vector<std::string> names = list_folder(folder);
  return names.empty() ? "nothing" : join_first(names, kShown);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

using FilesByStem = std::map<std::string, std::string>;

void add(std::vector<Finding>& findings, FindingKind kind, const std::string& file, const std::string& what,
         const std::string& reason) {
  findings.push_back({kind, file, file + ": " + what, reason});
}

/// The images of a folder by stem without `suffix`; a second file of a stem is a problem.
FilesByStem list_images(const fs::path& folder, const std::string& suffix, Split& split) {
  FilesByStem files;
  for (const std::string& name : list_folder(folder)) {
    const std::string path = (folder / name).string();
    if (!has_image_extension(name)) {
      if (name.back() != '/') add(split.notes, FindingKind::other_file, path, "not an image by its ending", "");
      continue;
    }
    std::string stem = fs::path(name).stem().string();
    if (!suffix.empty()) {
      // Files without the suffix may be the images, when both lie in one folder.
      if (stem.size() <= suffix.size() || stem.compare(stem.size() - suffix.size(), suffix.size(), suffix) != 0)
        continue;
      stem.resize(stem.size() - suffix.size());
    }
    const auto [place, fresh] = files.emplace(stem, path);
    if (!fresh)
      add(split.problems, FindingKind::duplicate_stem, path,
          concat("the same stem as ", place->second, ". Rename or remove one of them"), "same name as another");
  }
  return files;
}

void report_orphan(const DataOptions& options, const std::string& path, const std::string& lacks,
                   const fs::path& folder, const std::string& stem, Split& split) {
  const std::string what = concat("no ", lacks, "; looked for ", (folder / stem).string(), ".*");
  if (options.missing_mask == BadFilePolicy::skip)
    add(split.notes, FindingKind::orphan, path, what, "no " + lacks);
  else
    add(split.problems, FindingKind::orphan, path, what + ". Add it, set data.mask_suffix, or data.missing_mask: skip",
        "no " + lacks);
}

/// The pairs of `folder`/images and `folder`/masks, in byte order of their stems; problems and notes go to `split`.
std::vector<Pair> pair_folder(const fs::path& folder, const DataOptions& options, Split& split) {
  const fs::path images = folder / options.images, masks = folder / options.masks;
  for (const fs::path& path : {images, masks})
    if (!is_folder(path))
      fail(ErrorKind::missing_input, "[find_pairs] ", path.string(), ": no such folder; found in ", folder.string(),
           ": ", summary_of(folder), ". Set data.images and data.masks to the folders' names");
  const FilesByStem mask_files = list_images(masks, options.mask_suffix, split);
  FilesByStem image_files = list_images(images, "", split);
  // One folder may hold both, told apart by the suffix; then a mask is no image.
  if (images == masks)
    for (const auto& [stem, mask] : mask_files) image_files.erase(stem + options.mask_suffix);

  std::vector<Pair> pairs;
  for (const auto& [stem, image] : image_files) {
    const auto mask = mask_files.find(stem);
    if (mask != mask_files.end()) {
      pairs.push_back({stem, image, mask->second});
    } else {
      report_orphan(options, image, "mask", masks, stem + options.mask_suffix, split);
    }
  }
  for (const auto& [stem, mask] : mask_files)
    if (image_files.count(stem) == 0) report_orphan(options, mask, "image", images, stem, split);
  return pairs;
}

Split find_in_folders(const fs::path& dir, const DataOptions& options) {
  Split split;
  split.divided = true;
  std::vector<std::string> there;
  for (const char* part : kParts) {
    if (!is_folder(dir / part)) continue;
    split.part(part) = pair_folder(dir / part, options, split);
    there.push_back(std::string(part) + "/");
  }
  split.rule = "by folder: " + join(there);
  if (is_folder(dir / "val")) return split;
  const Split by_fraction = split_by_fraction(std::move(split.train), options, options.val_fraction, 0);
  split.train = by_fraction.train;
  split.val = by_fraction.val;
  split.rule += "; validation " + by_fraction.rule;
  return split;
}

Split find_in_one(const fs::path& dir, const DataOptions& options) {
  Split found;
  std::vector<Pair> pairs = pair_folder(dir, options, found);
  Split split = divides_by_lists(options)
                    ? split_by_lists(std::move(pairs), options)
                    : split_by_fraction(std::move(pairs), options, options.val_fraction, options.test_fraction);
  split.problems.insert(split.problems.begin(), found.problems.begin(), found.problems.end());
  split.notes = std::move(found.notes);
  return split;
}

[[noreturn]] void fail_no_layout(const fs::path& dir, const DataOptions& options) {
  fail(ErrorKind::missing_input, "[find_pairs] ", dir.string(), ": not a data set; looked for ", options.images,
       "/ and ", options.masks, "/, or train/ with these inside; found: ", summary_of(dir),
       ". Set data.images and data.masks to the folders' names");
}

}  // namespace

const std::vector<Pair>& Split::part(const std::string& name) const {
  if (name == "train") return train;
  if (name == "val") return val;
  if (name == "test") return test;
  fail(ErrorKind::usage, "[split] got part '", name, "', ", expected_one_of(name, {"train", "val", "test", "all"}));
}

std::vector<Pair>& Split::part(const std::string& name) {
  return const_cast<std::vector<Pair>&>(std::as_const(*this).part(name));
}

Split list_pairs(const DataOptions& options) {
  const fs::path dir(options.dir);
  if (!is_folder(dir))
    fail(ErrorKind::missing_input, "[find_pairs] '", options.dir, "': no such folder. Set data.dir or give --data DIR");
  const bool has_train = is_folder(dir / "train");
  const bool by_folder = options.split == SplitMode::folders || (options.split == SplitMode::automatic && has_train);
  if (by_folder && !has_train)
    fail(ErrorKind::missing_input, "[find_pairs] ", (dir / "train").string(), ": no such folder; found in ",
         dir.string(), ": ", summary_of(dir), ". Add it, or set data.split: fraction");
  if (!by_folder && !is_folder(dir / options.images) && !is_folder(dir / options.masks)) fail_no_layout(dir, options);

  return by_folder ? find_in_folders(dir, options) : find_in_one(dir, options);
}

Split find_pairs(const DataOptions& options) {
  Split split = list_pairs(options);
  if (!split.train.empty() || !split.val.empty() || !split.test.empty()) return split;
  fail(ErrorKind::data, "[find_pairs] ", options.dir, ": ", kNoPair,
       split.problems.empty() ? "" : "; the first problem: ", split.problems.empty() ? "" : split.problems.front().text,
       ". Check data.images, data.masks and data.mask_suffix");
}

std::vector<Pair> pairs_of(const Split& split, const std::string& part) {
  std::vector<Pair> all = split.train;
  all.insert(all.end(), split.val.begin(), split.val.end());
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end(), [](const Pair& a, const Pair& b) { return a.stem < b.stem; });
  if (part == "all") return all;
  const std::vector<Pair>& pairs = split.part(part);
  return pairs.empty() && !split.divided ? all : pairs;
}

}  // namespace unet
