#include "data/dataset/layouts/stacks.h"

#include <cstdio>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/files/folder.h"
#include "data/images/image_signature.h"

namespace unet {
namespace {

/// Only files of these names are opened while a folder is listed.
bool may_have_pages(const std::string& path) {
  const std::string extension = extension_of(path);
  for (const char* known : {".tif", ".tiff", ".btf", ".tf8", ".lsm", ".gif", ".npy"})
    if (extension == known) return true;
  return false;
}

int pages_of(const std::string& path) { return may_have_pages(path) ? count_pages(path) : 1; }

std::string page_number(int page) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d", page + 1);
  return text;
}

}  // namespace

void add_files(const SampleRef& sample, SampleList& list) {
  const auto* const image = std::get_if<ImageFile>(&sample.image);
  const auto* const mask = std::get_if<MaskFile>(&sample.labels);
  const int image_pages = image ? pages_of(image->path) : 1, mask_pages = mask ? pages_of(mask->path) : 1;
  if (image_pages != mask_pages) {
    list.problems.push_back(
        {FindingKind::size_mismatch, mask ? mask->path : sample.text(),
         concat(text_of(sample.labels), ": got ", mask_pages, " pages for an image of ", image_pages, " pages (",
                sample.text(), "), expected a mask page for each image page. Save them with equal page counts"),
         concat(mask_pages, " pages for ", image_pages)});
    return;
  }
  if (image_pages == 1) {
    list.samples.push_back(sample);
    return;
  }
  for (int page = 0; page < image_pages; ++page)
    list.samples.push_back({sample.name + "/" + page_number(page), ImagePage{image->path, page},
                            MaskPage{mask->path, page}, sample.group, sample.part});
}

void finish_stacks(const DataOptions& options, SampleList& list) {
  std::set<std::string> stacks;
  size_t pages = 0;
  for (const SampleRef& sample : list.samples) {
    const auto* const page = std::get_if<ImagePage>(&sample.image);
    if (!page) continue;
    stacks.insert(page->path);
    ++pages;
  }
  if (stacks.empty()) return;
  const bool is_grouped = stacks.size() > 1 && options.group_pattern.empty();
  list.decisions.push_back(concat("stacks are read page by page: ", stacks.size(), " of ", pages, " pages",
                                  is_grouped ? "; the pages of a stack stay in one part of the split" : ""));
  if (!is_grouped) return;
  for (SampleRef& sample : list.samples)
    if (sample.group.empty() && std::holds_alternative<ImagePage>(sample.image))
      sample.group = sample.name.substr(0, sample.name.rfind('/'));
}

}  // namespace unet
