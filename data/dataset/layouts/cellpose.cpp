#include "data/dataset/layouts/cellpose.h"

#include <filesystem>
#include <limits>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/files/folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kArrayEnding = "_seg.npy";

/// Endings that only Cellpose's own masks have.
constexpr const char* kMaskEndings[] = {"_cp_masks.png", "_cp_masks.tif", "_cp_masks.tiff"};

/// Endings that other masks have as well, which are object numbers only if `data.format` says so.
constexpr const char* kCommonEndings[] = {"_masks.png", "_masks.tif", "_masks.tiff"};

/// Other pictures that Cellpose saves beside an image.
constexpr const char* kOutputStems[] = {"_cp_masks", "_masks", "_cp_output", "_cp_outlines", "_flows", "_outlines"};

bool has_own_ending(const std::string& name) {
  if (ends_with(name, kArrayEnding)) return true;
  for (const char* ending : kMaskEndings)
    if (ends_with(name, ending)) return true;
  return false;
}

bool is_output(const std::string& image) {
  for (const char* stem : kOutputStems)
    if (ends_with(stem_of(image), stem)) return true;
  return false;
}

/// Returns the file of labels of an image; "" if there is none. Images may be called NAME_img.tif.
std::string labels_of(const std::string& image, const std::set<std::string>& files, bool is_chosen) {
  const fs::path folder = fs::path(image).parent_path();
  std::vector<std::string> stems{stem_of(image)};
  constexpr const char* kImageEnding = "_img";
  if (ends_with(stems[0], kImageEnding)) stems.push_back(stems[0].substr(0, stems[0].size() - 4));
  std::vector<std::string> endings(std::begin(kMaskEndings), std::end(kMaskEndings));
  endings.emplace_back(kArrayEnding);
  if (is_chosen) endings.insert(endings.end(), std::begin(kCommonEndings), std::end(kCommonEndings));
  for (const std::string& stem : stems)
    for (const std::string& ending : endings)
      if (const std::string path = (folder / (stem + ending)).generic_string(); files.count(path) != 0) return path;
  return "";
}

std::string expects_cellpose(const DataOptions&) {
  return "images, each with a mask of Cellpose beside it (NAME_cp_masks.png or .tif, NAME_seg.npy)";
}

bool matches_cellpose(const DataOptions& options) {
  if (has_mask_folders(options)) return false;
  for (const TreeFile& file : list_tree(options.dir))
    if (has_own_ending(file.name)) return true;
  return false;
}

void add_sample(const DataOptions& options, const std::string& image, const std::string& labels, SampleList& list) {
  const std::string image_path = (fs::path(options.dir) / image).string();
  const std::string path = (fs::path(options.dir) / labels).string();
  const LabelSource source = ends_with(path, kArrayEnding) ? LabelSource(ArrayMask(path)) : LabelSource(MaskFile(path));
  list.samples.push_back({"", ImageFile(image_path), source});
}

SampleList list_cellpose(const DataOptions& options) {
  SampleList list;
  std::set<std::string> files;
  for (const TreeFile& file : list_tree(options.dir)) files.insert(file.folder + file.name);
  const ImageFiles images(options.dir);
  for (const std::string& image : images.paths()) {
    if (is_output(image)) continue;
    const std::string labels = labels_of(image, files, options.format == kCellpose.name);
    if (!labels.empty()) {
      add_sample(options, image, labels, list);
      continue;
    }
    const bool is_note = options.missing_mask == BadFilePolicy::skip;
    const std::string path = (fs::path(options.dir) / image).string();
    const std::string text = path + ": no mask; looked for " + stem_of(image) + "_cp_masks.png, .tif and _seg.npy";
    (is_note ? list.notes : list.problems)
        .push_back(
            {FindingKind::orphan, path, is_note ? text : text + ". Add it, or set data.missing_mask: skip", "no mask"});
  }
  list.meaning.labels = {{0, 0}, {LabelKey(1, std::numeric_limits<int32_t>::max()), 1}};
  list.meaning.class_names = {"background", "object"};
  list.decisions.push_back(concat("masks: Cellpose, ", list.samples.size(), " images; object numbers are one class"));
  complete_list(options, list);
  return list;
}

}  // namespace

const DatasetLayout kCellpose{"cellpose", expects_cellpose, matches_cellpose, list_cellpose};

}  // namespace unet
