#pragma once

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Adds a sample of an image file and a mask file; if both have several pages, one for each page, named
/// NAME/0001 and so on. Page counts that differ are a problem.
void add_files(const SampleRef& sample, SampleList& list);

/// Whether a file may have several pages, by its extension; only these are opened while a folder is listed.
bool may_have_pages(const std::string& path);

/// Says how many stacks were taken page by page. Pages of a stack are alike, so that they stay in one part where there
/// are several stacks and neither the layout nor `data.group_pattern` groups them.
void finish_stacks(const DataOptions& options, SampleList& list);

/// Makes `data.neighbor_pages` pages on each side of a page further channels of its image. Throws Error(config) if
/// there are no stacks, or if data.channels is not what so many pages can have.
void add_neighbor_pages(const DataOptions& options, SampleList& list);

}  // namespace unet
