#include "data/dataset/layouts/manifest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/csv.h"
#include "data/dataset/layouts/manifest_table.h"
#include "data/dataset/layouts/stacks.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/files/composed.h"
#include "data/files/folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::string expects_manifest(const DataOptions& /*options*/) {
  return "manifest.csv, or another CSV or TSV file, with the columns image and mask (and split, group, weight)";
}

bool matches_manifest(const DataOptions& options) {
  return options.split != SplitMode::folders && !find_manifests(options.dir).empty();
}

/// A message's beginning: the table and the line.
std::string line_text(const std::string& path, size_t line) { return concat(path, " line ", line, ": "); }

float weight_of(const std::string& text, const std::string& place) {
  float weight = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  const bool is_number = error == std::errc() && rest == text.data() + text.size();
  if (!is_number || !std::isfinite(weight) || weight < 0)
    fail(ErrorKind::data, place, "got weight ", text, ", expected a number of at least 0. Correct the line");
  return weight;
}

/// Returns an upper bound of the number of records, to reserve memory once.
size_t count_lines(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(1 << 16);
  size_t lines = 1;
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    lines += static_cast<size_t>(std::count(block.begin(), block.begin() + file.gcount(), '\n'));
  }
  return lines;
}

/// Reads the lines of a manifest.
class ManifestReader {
 public:
  ManifestReader(const std::string& path, SampleList& list)
      : path_(path), folder_(fs::path(path).parent_path().string()), list_(list) {}

  void run() {
    const std::optional<ManifestHeading> heading = read_manifest_heading(path_);
    if (!heading)
      fail(ErrorKind::data, path_,
           " line 1: got no columns image and mask, expected them in the first line. Add them: ", "image,mask");
    heading_ = *heading;
    CsvReader table(path_);
    table.separator = heading_.separator;
    std::vector<std::string> fields;
    table.next(fields);
    list_.samples.reserve(count_lines(path_));
    while (table.next(fields)) add_line(fields, table.line());
    check_parts();
    merge_images();
    name_samples();
    sort_samples();
    expand_stacks();
  }

 private:
  std::string path_in_folder(std::string name) const {
    if (name.find('/') == std::string::npos) std::replace(name.begin(), name.end(), '\\', '/');
    return name.front() == '/' ? name : folder_ + "/" + name;
  }

  void add_line(const std::vector<std::string>& fields, size_t line) {
    const auto place = [&] { return line_text(path_, line); };
    if (fields.size() < heading_.fields &&
        (fields.size() <= heading_.at[kImageColumn] || fields.size() <= heading_.at[kMaskColumn]))
      fail(ErrorKind::data, place(), "got ", fields.size(), " fields, expected ", heading_.fields,
           ". Correct the line");
    static const std::string none;
    const auto field = [&](ManifestColumn column) -> const std::string& {
      const size_t at = heading_.at[column];
      return at < fields.size() ? fields[at] : none;
    };
    const std::string &image = field(kImageColumn), &mask = field(kMaskColumn);
    if (image.empty() || mask.empty()) {
      list_.problems.push_back(
          {FindingKind::orphan, path_,
           concat(place(), "got no ", image.empty() ? "image" : "mask", ", expected a path. Add it or remove the line"),
           image.empty() ? "no image" : "no mask"});
      return;
    }
    SampleRef sample{"", ImageFile(path_in_folder(image)), MaskFile(path_in_folder(mask)), field(kGroupColumn)};
    if (const std::string& weight = field(kWeightColumn); !weight.empty()) sample.weight = weight_of(weight, place());
    if (const std::string& part = field(kSplitColumn); !part.empty()) {
      sample.part = part_of_folder(part);
      if (!sample.part)
        fail(ErrorKind::data, place(), "got split '", part, "', expected train, val or test. Correct the line");
      has_part_[*sample.part] = true;
    } else if (line_without_part_ == 0) {
      line_without_part_ = line;
    }
    list_.samples.push_back(std::move(sample));
  }

  void check_parts() {
    for (const Part part : {kTrain, kVal, kTest})
      if (has_part_[part]) list_.parts.push_back(part);
    if (list_.parts.empty()) return;
    if (line_without_part_ != 0)
      fail(ErrorKind::data, line_text(path_, line_without_part_), "got no split, but other lines have one. Give each ",
           "line train, val or test, or none");
    if (!has_part_[kTrain]) fail(ErrorKind::data, path_, ": no line has the split train. Name the training images");
    list_.rule = "by the split column of " + fs::path(path_).filename().string();
  }

  /// Samples in an order where those of equal text stand together, by hash; each with its position.
  template <class Text>
  std::vector<std::pair<uint64_t, uint32_t>> by_hash(const Text& text) const {
    std::vector<std::pair<uint64_t, uint32_t>> order;
    order.reserve(list_.samples.size());
    for (size_t i = 0; i < list_.samples.size(); ++i) {
      const auto& value = text(list_.samples[i]);
      order.emplace_back(XXH3_64bits(value.data(), value.size()), static_cast<uint32_t>(i));
    }
    std::sort(order.begin(), order.end());
    return order;
  }

  static const std::string& image_of(const SampleRef& sample) { return std::get<ImageFile>(sample.image).path; }

  /// Joins the lines of one image: its masks are merged in the order of the lines.
  void merge_images() {
    std::vector<SampleRef>& samples = list_.samples;
    const auto order = by_hash(&image_of);
    std::vector<uint32_t> joined;
    for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
      while (end < order.size() && order[end].first == order[begin].first) ++end;
      if (end - begin == 1) continue;
      SampleRef& first = samples[order[begin].second];
      MergedMasks merged;
      for (size_t k = begin; k < end; ++k) {
        const SampleRef& line = samples[order[k].second];
        if (line.part != first.part || line.group != first.group || line.weight != first.weight)
          fail(ErrorKind::data, path_, ": the lines of ", image_of(first), " have different splits, groups or ",
               "weights. Make them equal");
        merged.layers.push_back({std::get<MaskFile>(line.labels).path});
        if (k > begin) joined.push_back(order[k].second);
      }
      first.labels = std::move(merged);
    }
    if (joined.empty()) return;
    for (const uint32_t i : joined) samples[i].image = ImageFile("");
    samples.erase(std::remove_if(samples.begin(), samples.end(),
                                 [](const SampleRef& sample) { return image_of(sample).empty(); }),
                  samples.end());
    const auto merged = std::count_if(samples.begin(), samples.end(), [](const SampleRef& sample) {
      return std::holds_alternative<MergedMasks>(sample.labels);
    });
    list_.decisions.push_back(concat(merged, " images have several masks, merged in the order of the lines"));
  }

  /// A name is the image's path below the table without extension; with it where two images differ in it only.
  void name_samples() {
    const std::string below = folder_ + "/";
    const auto relative = [&](const SampleRef& sample) {
      const std::string& path = image_of(sample);
      return composed(path.compare(0, below.size(), below) == 0 ? path.substr(below.size()) : path);
    };
    const auto short_name = [&](const SampleRef& sample) {
      const std::string path = relative(sample);
      const size_t dot = path.rfind('.'), slash = path.rfind('/');
      const bool has_extension = dot != std::string::npos && (slash == std::string::npos ? dot > 0 : dot > slash + 1);
      return has_extension ? path.substr(0, dot) : path;
    };
    for (SampleRef& sample : list_.samples) sample.name = short_name(sample);
    const auto order = by_hash([](const SampleRef& sample) -> const std::string& { return sample.name; });
    for (size_t i = 0; i < order.size(); ++i) {
      const bool is_shared = (i > 0 && order[i - 1].first == order[i].first) ||
                             (i + 1 < order.size() && order[i + 1].first == order[i].first);
      SampleRef& sample = list_.samples[order[i].second];
      if (is_shared) sample.name = relative(sample);
    }
  }

  void sort_samples() {
    std::sort(list_.samples.begin(), list_.samples.end(), [](const SampleRef& a, const SampleRef& b) {
      return a.part != b.part ? a.part < b.part : a.name < b.name;
    });
  }

  /// Replaces images of several pages by their pages.
  void expand_stacks() {
    const auto may_be_stack = [](const SampleRef& sample) { return may_have_pages(image_of(sample)); };
    if (std::none_of(list_.samples.begin(), list_.samples.end(), may_be_stack)) return;
    std::vector<SampleRef> lines;
    lines.swap(list_.samples);
    list_.samples.reserve(lines.size());
    for (const SampleRef& line : lines) add_files(line, list_);
  }

  std::string path_, folder_;
  SampleList& list_;
  ManifestHeading heading_{};
  std::array<bool, kPartCount> has_part_{};
  size_t line_without_part_ = 0;
};

SampleList list_manifest(const DataOptions& options) {
  const std::vector<std::string> tables = find_manifests(options.dir);
  if (tables.empty())
    fail(ErrorKind::missing_input, options.dir, ": no manifest; found: ", folder_summary(options.dir), ". Add ",
         "manifest.csv with the columns image and mask");
  if (tables.size() > 1)
    fail(ErrorKind::data, options.dir, ": several tables have the columns image and mask: ", join_first(tables, 3),
         ". Rename the one to use to manifest.csv");
  SampleList list;
  ManifestReader(tables[0], list).run();
  if (options.split == SplitMode::fraction || options.split == SplitMode::lists) {
    list.parts.clear();
    list.rule.clear();
  }
  finish_stacks(options, list);
  list.decisions.insert(list.decisions.begin(), concat("images and masks by ", tables[0]));
  return list;
}

}  // namespace

const DatasetLayout kCsvManifest{"manifest", expects_manifest, matches_manifest, list_manifest};

}  // namespace unet
