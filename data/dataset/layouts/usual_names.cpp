#include "data/dataset/layouts/usual_names.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "configs/schema/text.h"

namespace unet {
namespace {

using Words = std::vector<std::string_view>;

// Without case and separators.
const Words& folder_words(FileKind kind) {
  static const Words images{"images",   "imgs",      "image",   "img",      "jpegimages", "pngimages",
                            "imagestr", "inputs",    "input",   "frames",   "frame",      "imgdir",
                            "imagedir", "imagesdir", "imgsdir", "photos",   "originals",  "leftimg8bit",
                            "rgb",      "original",  "raw",     "rawimages"};
  static const Words masks{"masks",
                           "mask",
                           "labels",
                           "label",
                           "labelstr",
                           "annotations",
                           "annotation",
                           "anndir",
                           "annotdir",
                           "annots",
                           "annot",
                           "maskdir",
                           "masksdir",
                           "labeldir",
                           "labelsdir",
                           "labelids",
                           "labelimages",
                           "labelmasks",
                           "segmentation",
                           "segmentations",
                           "segmentationclass",
                           "segmentationmasks",
                           "segmentationclasspng",
                           "segs",
                           "seg",
                           "gt",
                           "gts",
                           "gtfine",
                           "groundtruth",
                           "groundtruths",
                           "truth",
                           "targets",
                           "target",
                           "1stmanual",
                           "manual",
                           "manual1",
                           "mattes",
                           "matte"};
  return kind == FileKind::image ? images : masks;
}

struct PartWord {
  std::string_view word;
  Part part;
};

constexpr PartWord kPartWords[] = {{"train", kTrain}, {"training", kTrain}, {"trn", kTrain},    {"val", kVal},
                                   {"valid", kVal},   {"validation", kVal}, {"validate", kVal}, {"dev", kVal},
                                   {"eval", kVal},    {"test", kTest},      {"testing", kTest}, {"tst", kTest}};

/// Lower case without separators.
std::string plain(const std::string& name) {
  std::string text;
  for (const char c : name)
    if (c != '_' && c != '-' && c != ' ' && c != '.' && c != '/') text += c;
  return lower_case(text);
}

bool is_one_of(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::vector<std::string> letter_runs(const std::string& name) {
  std::vector<std::string> runs;
  bool inside = false;
  for (const char c : lower_case(name)) {
    const bool is_letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
    if (is_letter && !inside) runs.emplace_back();
    if (is_letter) runs.back() += c;
    inside = is_letter;
  }
  return runs;
}

std::optional<FileKind> kind_of_folder(const std::string& name) {
  const std::string word = plain(name);
  for (const FileKind kind : {FileKind::image, FileKind::mask})
    if (is_one_of(word, folder_words(kind))) return kind;
  return std::nullopt;
}

std::optional<Part> part_of_folder(const std::string& name) {
  const std::string word = plain(name);
  for (const PartWord& row : kPartWords)
    if (word == row.word) return row.part;
  return std::nullopt;
}

std::optional<PartOfKind> part_and_kind(const std::string& name) {
  const std::string word = plain(name);
  for (const PartWord& row : kPartWords) {
    if (word == row.word) return PartOfKind{row.part, std::nullopt};
    if (word.size() <= row.word.size()) continue;
    std::vector<std::string> others;
    if (word.compare(0, row.word.size(), row.word) == 0) others.push_back(word.substr(row.word.size()));
    if (ends_with(word, std::string(row.word))) others.push_back(word.substr(0, word.size() - row.word.size()));
    for (const std::string& other : others) {
      if (const auto kind = kind_of_folder(other)) return PartOfKind{row.part, kind};
      if (other == "x" || other == "y") return PartOfKind{row.part, other == "x" ? FileKind::image : FileKind::mask};
    }
  }
  return std::nullopt;
}

bool says_kind(const std::string& affix, FileKind kind) {
  static const Words long_masks{"mask", "label", "annot", "segment", "manual", "truth", "target", "matte"};
  static const Words short_masks{"gt", "gts", "seg", "ann", "lbl", "msk"};
  static const Words long_images{"image", "input", "photo", "original"};
  static const Words short_images{"img", "rgb", "raw", "leftimg", "orig"};
  for (const std::string& run : letter_runs(affix)) {
    if (is_one_of(run, kind == FileKind::mask ? short_masks : short_images)) return true;
    for (const std::string_view word : kind == FileKind::mask ? long_masks : long_images)
      if (run.find(word) != std::string::npos) return true;
  }
  return false;
}

int mask_rank(const std::string& affix) {
  const std::string word = plain(affix);
  const auto has = [&](const char* part) { return word.find(part) != std::string::npos; };
  if (has("labeltrainids")) return 0;
  if (has("labelids")) return 1;
  if (has("color") || has("colour") || has("instance") || has("overlay") || has("visual")) return 3;
  return 2;
}

}  // namespace unet
