#include "data/dataset/layouts/layout.h"

#include "configs/schema/error.h"
#include "data/dataset/layouts/image_mask_folders.h"
#include "data/dataset/layouts/part_folders.h"
#include "data/files/folder.h"

namespace unet {

const std::vector<DatasetLayout>& dataset_layouts() {
  static const std::vector<DatasetLayout> table{kPartFolders, kImageMaskFolders};
  return table;
}

SampleList list_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts) {
  if (!is_folder(options.dir))
    fail(ErrorKind::missing_input, "[data.dir] '", options.dir, "': no such folder. Pass --data DIR or set data.dir");
  std::string expected;
  for (const DatasetLayout& layout : layouts) {
    if (layout.matches(options)) return layout.list(options);
    expected += "\n  " + layout.expects(options);
  }
  fail(ErrorKind::missing_input, options.dir,
       ": not a data set in a known layout; found: ", folder_summary(options.dir),
       ". Set data.images and data.masks if the folders have other names. Looked for:", expected);
}

}  // namespace unet
