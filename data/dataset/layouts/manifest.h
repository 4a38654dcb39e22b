#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Layout of a table with a line for each mask: manifest.csv, manifest.tsv, or the only CSV or TSV file in the folder
/// with the columns `image` and `mask`. Further columns: `split` (train, val, test), `group` and `weight`. Paths
/// are relative to the table. Lines with the same image give it several masks, merged in their order. The files named
/// are not looked for.
extern const DatasetLayout kCsvManifest;

}  // namespace unet
