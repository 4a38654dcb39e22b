#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Adds a sample of an image file and a mask file; if both have several pages, one for each page, named
/// NAME/0001 and so on. Page counts that differ are a problem.
void add_files(const SampleRef& sample, SampleList& list);

/// Says how many stacks were taken page by page. Pages of a stack are alike, so that they stay in one part where there
/// are several stacks and neither the layout nor `data.group_pattern` groups them.
void finish_stacks(const DataOptions& options, SampleList& list);

}  // namespace unet
