#include "data/dataset/layouts/stacks.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/files/folder.h"
#include "data/images/image_signature.h"

namespace unet {
namespace {

int pages_of(const std::string& path) { return may_have_pages(path) ? count_pages(path) : 1; }

std::string page_number(int page) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d", page + 1);
  return text;
}

}  // namespace

bool may_have_pages(const std::string& path) {
  const std::string extension = extension_of(path);
  for (const char* known : {".tif", ".tiff", ".btf", ".tf8", ".lsm", ".gif", ".npy"})
    if (extension == known) return true;
  return false;
}

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
    list.samples.push_back({sample.name + "/" + page_number(page),
                            ImagePage{image->path, page},
                            MaskPage{mask->path, page},
                            sample.group,
                            sample.part,
                            {},
                            sample.weight});
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

void add_neighbor_pages(const DataOptions& options, SampleList& list) {
  const int64_t neighbors = options.neighbor_pages;
  if (neighbors == 0 || list.samples.empty()) return;
  const int64_t taken = 2 * neighbors + 1;
  if (options.channels && *options.channels % taken != 0)
    fail(ErrorKind::config, "[data.channels] got ", *options.channels, ", expected a multiple of ", taken,
         " because data.neighbor_pages: ", neighbors, " makes ", taken, " pages one image. Remove data.channels");
  std::map<std::string, int> pages_of_stack;
  for (const SampleRef& sample : list.samples)
    if (const auto* const page = std::get_if<ImagePage>(&sample.image)) {
      int& pages = pages_of_stack[page->path];
      pages = std::max(pages, page->page + 1);
    }
  if (pages_of_stack.empty())
    fail(ErrorKind::config, "[data.neighbor_pages] got ", neighbors, ", but no image of ", options.dir,
         " is a page of a stack. Use files of several pages, or set data.neighbor_pages: 0 and train again");
  size_t singles = 0;
  for (SampleRef& sample : list.samples) {
    if (const auto* const page = std::get_if<ImagePage>(&sample.image)) {
      sample.image = page_source(std::string(page->path), page->page, pages_of_stack.at(page->path), neighbors);
    } else if (const auto* const file = std::get_if<ImageFile>(&sample.image)) {
      sample.image = page_source(std::string(file->path), 0, 1, neighbors);
      ++singles;
    }
  }
  list.decisions.push_back(
      concat("neighboring pages: each image has the channels of ", taken, " pages, ", neighbors,
             " before and after its own (data.neighbor_pages: ", neighbors, ")",
             singles > 0 ? concat("; ", singles, " images of a single page have it ", taken, " times") : ""));
}

}  // namespace unet
