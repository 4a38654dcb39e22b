#include "data/dataset/layouts/part_folders.h"

#include <algorithm>
#include <map>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/image_mask_folders.h"
#include "data/dataset/layouts/pairing.h"
#include "data/dataset/layouts/stacks.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/files/folder.h"

namespace unet {
namespace {

using Folders = std::vector<std::string>;

bool may_divide(const DataOptions& options) {
  return options.split == SplitMode::automatic || options.split == SplitMode::folders;
}

/// Names of the folders in a folder, without slashes.
Folders subfolders(const std::string& folder) {
  Folders names;
  for (const std::string& name : list_folder(folder))
    if (name.back() == '/') names.push_back(name.substr(0, name.size() - 1));
  return names;
}

/// The folder of each part by its usual names; the plain name is preferred.
std::map<Part, std::string> part_folders(const std::string& folder) {
  std::map<Part, std::string> folders;
  for (const std::string& name : subfolders(folder)) {
    const std::optional<Part> part = part_of_folder(name);
    if (!part) continue;
    const auto [place, inserted] = folders.emplace(*part, name);
    if (inserted || place->second == kPartNames[*part]) continue;
    if (name == kPartNames[*part])
      place->second = name;
    else
      fail(ErrorKind::data, folder, ": several folders for the part ", kPartNames[*part], ": ", place->second, "/, ",
           name, "/. Rename or remove one of them");
  }
  return folders;
}

std::string expects_part_folders(const DataOptions& options) {
  return "train/, and optionally val/ and test/, each with " + options.images + "/ and " + options.masks +
         "/ or of another layout" +
         (may_divide(options) ? "" : " (but data.split: " + enum_name(options.split) + " rules them out)");
}

bool matches_part_folders(const DataOptions& options) {
  return may_divide(options) && part_folders(options.dir).count(kTrain) != 0;
}

/// Takes the meaning of labels of one more part, which must be that of the others.
void add_meaning(const LabelMeaning& meaning, const std::string& folder, LabelMeaning& all) {
  if (meaning.labels.empty()) return;
  if (!all.labels.empty() && all.labels != meaning.labels)
    fail(ErrorKind::data, folder, ": its files give the labels another meaning than those of the other parts. ",
         "Set data.labels");
  if (all.labels.empty()) all = meaning;
}

/// Adds the samples of one part. A name found in all parts is kept; others are found again each time.
void add_part(SampleList inner, Part part, const std::string& folder, SampleList& list) {
  for (SampleRef& sample : inner.samples) {
    sample.part = part;
    list.samples.push_back(std::move(sample));
  }
  list.problems.insert(list.problems.end(), inner.problems.begin(), inner.problems.end());
  list.notes.insert(list.notes.end(), inner.notes.begin(), inner.notes.end());
  add_meaning(inner.meaning, folder, list.meaning);
  for (const std::string& line : inner.decisions) list.decisions.push_back(folder + ": " + line);
  if (list.parts.empty()) list.names = inner.names;
  if (list.names && (!inner.names || settings_of(*inner.names) != settings_of(*list.names))) list.names.reset();
  list.parts.push_back(part);
}

void leave_out(const std::string& folder, const std::string& reason, SampleList& list) {
  list.notes.push_back({FindingKind::unlabeled_image, folder, folder + ": skipped: " + reason, "no labels"});
}

std::string rule_text(const Folders& names) {
  Folders texts;
  for (const std::string& name : names) texts.push_back(name + "/");
  return "by folder: " + join(texts);
}

SampleList list_part_folders(const DataOptions& options) {
  SampleList list;
  Folders names;
  for (const auto& [part, name] : part_folders(options.dir)) {
    DataOptions inner = options;
    inner.format = "auto";
    inner.dir = path_in(options.dir, name);
    inner.split = SplitMode::fraction;  // a part has no parts
    inner.neighbor_pages = 0;           // added to all parts at once
    try {
      add_part(list_samples(inner), part, name, list);
      names.push_back(name);
    } catch (const Error& error) {
      // Test images are often given without labels.
      if (part != kTest || error.kind() != ErrorKind::missing_input) throw;
      leave_out(inner.dir, "no labels were found in it", list);
    }
  }
  list.rule = rule_text(names);
  return list;
}

/// Folders of images and masks by part.
struct PartPair {
  std::string images, masks;
};
using PartPairs = std::map<Part, PartPair>;

/// images/train and masks/train.
PartPairs parts_inside(const DataOptions& options) {
  PartPairs pairs;
  for (const FileKind kind : {FileKind::image, FileKind::mask}) {
    const std::string& given = kind == FileKind::image ? options.images : options.masks;
    const bool is_given = is_folder(path_in(options.dir, given));
    for (const std::string& folder : is_given ? Folders{given} : folders_of_kind(options.dir, kind))
      for (const auto& [part, name] : part_folders(path_in(options.dir, folder)))
        (kind == FileKind::image ? pairs[part].images : pairs[part].masks) = folder + "/" + name;
  }
  return pairs;
}

/// train_images/ and train_masks/, or train/ and train_masks/.
PartPairs parts_beside(const DataOptions& options) {
  PartPairs pairs;
  std::map<Part, std::string> plain;
  for (const std::string& name : subfolders(options.dir)) {
    const std::optional<PartOfKind> found = part_and_kind(name);
    if (!found) continue;
    if (!found->kind)
      plain.emplace(found->part, name);
    else
      (found->kind == FileKind::image ? pairs[found->part].images : pairs[found->part].masks) = name;
  }
  for (auto& [part, pair] : pairs)
    if (pair.images.empty() && plain.count(part) != 0) pair.images = plain[part];
  return pairs;
}

/// The folders of parts, where those of the training part are complete and the masks are image files.
PartPairs find_part_pairs(const DataOptions& options) {
  for (const auto& find : {parts_inside, parts_beside}) {
    PartPairs pairs = find(options);
    const auto train = pairs.find(kTrain);
    if (train != pairs.end() && !train->second.images.empty() && !train->second.masks.empty() &&
        holds_images(path_in(options.dir, train->second.masks)))
      return pairs;
  }
  return {};
}

std::string expects_parts_of_kinds(const DataOptions& options) {
  return options.images + "/train with " + options.masks + "/train, or train_images/ with train_masks/" +
         (may_divide(options) ? "" : " (but data.split: " + enum_name(options.split) + " rules them out)");
}

bool matches_parts_of_kinds(const DataOptions& options) {
  return may_divide(options) && !find_part_pairs(options).empty();
}

SampleList list_parts_of_kinds(const DataOptions& options) {
  SampleList list;
  Folders names, used;
  for (const auto& [part, pair] : find_part_pairs(options)) {
    if (pair.images.empty()) continue;
    const std::string images = path_in(options.dir, pair.images);
    if (pair.masks.empty()) {
      if (part != kTest)
        fail(ErrorKind::missing_input, images, ": no folder of masks for this part; found in ", options.dir, ": ",
             folder_summary(options.dir), ". Add it, or move the images away");
      leave_out(images, "no folder of masks belongs to it", list);
      continue;
    }
    SampleList inner;
    add_pairs({images, path_in(options.dir, pair.masks), options, part, part != kTest}, options, inner);
    add_part(std::move(inner), part, pair.images, list);
    names.push_back(pair.images);
    used.push_back(pair.images + "/ with " + pair.masks + "/");
  }
  list.rule = rule_text(names);
  list.decisions.insert(list.decisions.begin(), "images and masks of the parts: " + join(used));
  finish_stacks(options, list);
  return list;
}

}  // namespace

const DatasetLayout kPartFolders{"part_folders", expects_part_folders, matches_part_folders, list_part_folders};

const DatasetLayout kPartsOfKinds{"parts_of_kinds", expects_parts_of_kinds, matches_parts_of_kinds,
                                  list_parts_of_kinds};

}  // namespace unet
