#include "data/dataset/layouts/layout.h"

#include <algorithm>

#include "configs/schema/error.h"
#include "data/dataset/layouts/cellpose.h"
#include "data/dataset/layouts/coco.h"
#include "data/dataset/layouts/cvat.h"
#include "data/dataset/layouts/image_mask_folders.h"
#include "data/dataset/layouts/labelme.h"
#include "data/dataset/layouts/part_folders.h"
#include "data/dataset/layouts/qupath.h"
#include "data/dataset/layouts/via.h"
#include "data/dataset/layouts/yolo.h"
#include "data/files/folder.h"

namespace unet {

const std::vector<DatasetLayout>& dataset_layouts() {
  // Annotation files stand above folders, in which they may be: they give way to the folders that the options name.
  static const std::vector<DatasetLayout> table{kCoco,        kLabelme,         kVia, kCvat, kQupath, kYolo, kCellpose,
                                                kPartFolders, kImageMaskFolders};
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

}  // namespace

SampleList list_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  if (!is_folder(options.dir))
    fail(ErrorKind::missing_input, "[data.dir] '", options.dir, "': no such folder. Pass --data DIR or set data.dir");
  if (const DatasetLayout* layout = choose_layout(options, layouts)) {
    SampleList list = layout->list(options);
    for (SampleRef& sample : list.samples) sample.reading = {options.palette, options.mask_channel};
    return list;
  }
  std::string expected;
  for (const DatasetLayout& layout : layouts) expected += "\n  " + layout.expects(options);
  fail(ErrorKind::missing_input, options.dir,
       ": not a data set in a known layout; found: ", folder_summary(options.dir),
       ". Set data.images and data.masks if the folders have other names. Looked for:", expected);
}

}  // namespace unet
