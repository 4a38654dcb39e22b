#include "data/dataset/layouts/layout.h"

#include <algorithm>

#include "configs/schema/error.h"
#include "configs/schema/shell_text.h"
#include "data/dataset/layouts/case_folders.h"
#include "data/dataset/layouts/cellpose.h"
#include "data/dataset/layouts/coco.h"
#include "data/dataset/layouts/cvat.h"
#include "data/dataset/layouts/file_names.h"
#include "data/dataset/layouts/image_mask_folders.h"
#include "data/dataset/layouts/labelme.h"
#include "data/dataset/layouts/manifest.h"
#include "data/dataset/layouts/nnunet.h"
#include "data/dataset/layouts/part_folders.h"
#include "data/dataset/layouts/qupath.h"
#include "data/dataset/layouts/stacks.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/dataset/layouts/via.h"
#include "data/dataset/layouts/voc.h"
#include "data/dataset/layouts/yolo.h"
#include "data/files/folder.h"

namespace unet {

const std::vector<DatasetLayout>& dataset_layouts() {
  // Annotation files stand above folders, in which they may be: they give way to the folders that the options name.
  static const std::vector<DatasetLayout> table{kCsvManifest, kCoco, kLabelme,          kVia,          kCvat,
                                                kQupath,      kYolo, kCellpose,         kPartsOfKinds, kPartFolders,
                                                kNnunet,      kVoc,  kImageMaskFolders, kCaseFolders,  kOneFolder};
  return table;
}

std::vector<std::string> layout_names() {
  std::vector<std::string> names;
  for (const DatasetLayout& layout : dataset_layouts()) names.emplace_back(layout.name);
  return names;
}

namespace {

/// Returns the layout that the options name, or the first that matches; null if there is none.
const DatasetLayout* choose_layout(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  const auto is_chosen = [&](const DatasetLayout& layout) {
    return options.format == "auto" ? layout.matches(options) : options.format == layout.name;
  };
  const auto chosen = std::find_if(layouts.begin(), layouts.end(), is_chosen);
  return chosen == layouts.end() ? nullptr : &*chosen;
}

/// Guesses what to type for a folder of unknown layout: a data set inside it, or two folders with images.
std::string proposal(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  std::vector<std::string> with_images;
  std::string images = "FOLDER", masks = "FOLDER";
  for (const std::string& name : list_folder(options.dir)) {
    if (name.back() != '/') continue;
    const std::string folder = name.substr(0, name.size() - 1);
    DataOptions inner = options;
    inner.dir = path_in(options.dir, folder);
    if (choose_layout(inner, layouts)) return " --data " + shell_text(inner.dir);
    if (holds_images(inner.dir)) with_images.push_back(folder);
  }
  if (with_images.size() == 2) {
    const bool is_first = says_kind(with_images[0], FileKind::mask) && !says_kind(with_images[1], FileKind::mask);
    images = with_images[is_first ? 1 : 0];
    masks = with_images[is_first ? 0 : 1];
  }
  return concat(" --data ", shell_text(options.dir), " --set ", shell_text("data.images=" + images), " --set ",
                shell_text("data.masks=" + masks));
}

}  // namespace

SampleList list_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  if (!is_folder(options.dir))
    fail(ErrorKind::missing_input, "[data.dir] '", options.dir, "': no such folder. Pass --data DIR or set data.dir");
  if (const DatasetLayout* layout = choose_layout(options, layouts)) {
    SampleList list = layout->list(options);
    add_neighbor_pages(options, list);
    for (SampleRef& sample : list.samples) sample.reading = {options.palette, options.mask_channel};
    return list;
  }
  DataOptions unsplit = options;
  unsplit.split = SplitMode::automatic;
  if (options.split != SplitMode::automatic && choose_layout(unsplit, layouts) != nullptr)
    fail(ErrorKind::config, options.dir,
         options.split == SplitMode::folders ? ": has no folders for its parts" : ": has folders for its parts",
         ", but data.split is ", enum_name(options.split), "; found: ", folder_summary(options.dir),
         ". If the config was made for other data, add --set data.split=auto");
  std::string expected;
  for (const DatasetLayout& layout : layouts) expected += "\n  " + layout.expects(options);
  fail(ErrorKind::missing_input, options.dir,
       ": not a data set in a known layout; found: ", folder_summary(options.dir), ". Name the folders: unet train",
       proposal(options, layouts), "\nLooked for:", expected);
}

}  // namespace unet
