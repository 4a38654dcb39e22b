#include "data/dataset/finding.h"

#include <algorithm>
#include <iterator>

namespace unet {
namespace {

struct KindRow {
  FindingKind kind;
  const char* name;
  const char* title;
};

constexpr KindRow kKinds[] = {
    {FindingKind::no_pair, "no_pair", "no image with a mask"},
    {FindingKind::orphan, "orphan", "images without a mask and masks without an image"},
    {FindingKind::duplicate_stem, "duplicate_stem", "files with the same stem as another"},
    {FindingKind::split_list, "split_list", "invalid entries in the lists of the split"},
    {FindingKind::unreadable, "unreadable", "files that cannot be read"},
    {FindingKind::size_mismatch, "size_mismatch", "masks whose size differs from their image's"},
    {FindingKind::labels, "labels", "mask values without a known class"},
    {FindingKind::unknown_value, "unknown_value", "masks with values outside the label map"},
    {FindingKind::options, "options", "options that do not fit the data"},
    {FindingKind::no_training_image, "no_training_image", "no training image"},
    {FindingKind::no_validation_image, "no_validation_image", "no validation image"},
    {FindingKind::leak, "leak", "duplicate images in two parts of the split: a leak that inflates scores"},
    {FindingKind::near_leak, "near_leak",
     "near duplicates of images in another part of the split, which inflate scores"},
    {FindingKind::duplicate_image, "duplicate_image", "duplicate images"},
    {FindingKind::constant_image, "constant_image", "images of a single color"},
    {FindingKind::constant_mask, "constant_mask", "masks with a single class"},
    {FindingKind::ignored_mask, "ignored_mask", "masks in which every pixel is ignored"},
    {FindingKind::absent_class, "absent_class", "classes that occur in no mask"},
    {FindingKind::untrained_class, "untrained_class", "classes that occur in no training mask"},
    {FindingKind::mixed_channels, "mixed_channels", "images whose number of channels differs from most"},
    {FindingKind::mixed_depth, "mixed_depth", "images whose bit depth differs from most"},
    {FindingKind::unclear_rotation, "unclear_rotation", "images rotated by EXIF whose masks may not be"},
    {FindingKind::small_image, "small_image", "training images smaller than the crop"},
    {FindingKind::unlabeled_image, "unlabeled_image", "images skipped: no labels belong to them"},
    {FindingKind::other_mask, "other_mask", "files skipped: of another kind than those that were taken"},
    {FindingKind::other_file, "other_file", "files skipped: no image extension"},
};

const KindRow& row_of(FindingKind kind) {
  const auto* row =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindRow& each) { return each.kind == kind; });
  if (row == std::end(kKinds)) fail(ErrorKind::internal, "a kind of finding without a row");
  return *row;
}

}  // namespace

Finding problem_of(const Error& error) {
  const bool is_option = error.kind() == ErrorKind::config;
  return {is_option ? FindingKind::options : FindingKind::labels, "", error.what(), ""};
}

std::string name_of(FindingKind kind) { return row_of(kind).name; }

std::string title_of(FindingKind kind) { return row_of(kind).title; }

std::vector<std::string> texts_of(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  texts.reserve(findings.size());
  for (const Finding& finding : findings) texts.push_back(finding.text);
  return texts;
}

void sort_by_kind(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.kind < b.kind; });
}

}  // namespace unet
