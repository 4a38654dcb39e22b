#include "data/dataset/split_lists.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/files/composed.h"
#include "data/files/read_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Reads a list file: one entry per line; # begins a comment. A byte order mark is skipped.
std::vector<std::string> read_list(const fs::path& path, std::vector<Finding>& problems) {
  const std::string text = read_file(path.string());
  if (starts_with(text, "\xFF\xFE") || starts_with(text, "\xFE\xFF")) {
    problems.push_back({FindingKind::split_list, path.string(),
                        concat(path.string(), ": got UTF-16, expected UTF-8. Save the list as UTF-8"), "UTF-16"});
    return {};
  }
  std::vector<std::string> entries;
  for (const std::string& line : text_lines(text))
    if (const std::string entry = trimmed(line); !entry.empty() && entry[0] != '#') entries.push_back(entry);
  return entries;
}

std::string without_image_extension(const std::string& path) {
  return has_image_extension(path) ? path.substr(0, path.find_last_of('.')) : path;
}

std::vector<std::string> files_of(const SampleRef& sample) {
  std::vector<std::string> files;
  if (const auto* channels = std::get_if<ImageChannels>(&sample.image)) files = channels->paths;
  if (const auto* image = std::get_if<ImageFile>(&sample.image)) files.push_back(image->path);
  if (const auto* page = std::get_if<ImagePage>(&sample.image)) files.push_back(page->path);
  if (const auto* pages = std::get_if<ImagePages>(&sample.image)) files.push_back(pages->path);
  if (const auto* mask = std::get_if<MaskFile>(&sample.labels)) files.push_back(mask->path);
  if (const auto* page = std::get_if<MaskPage>(&sample.labels)) files.push_back(page->path);
  return files;
}

/// Finds the samples that an entry of a list names: one, or all pages of a file.
class ListedSamples {
 public:
  ListedSamples(const std::vector<SampleRef>& samples, const std::string& dir)
      : has_folders_(std::any_of(samples.begin(), samples.end(),
                                 [](const SampleRef& sample) { return sample.name.find('/') != std::string::npos; })) {
    for (size_t i = 0; i < samples.size(); ++i) {
      names_[composed(samples[i].name)].push_back(i);
      for (const std::string& file : files_of(samples[i])) {
        const std::string path = without_image_extension(composed(fs::path(file).lexically_relative(dir).string()));
        add_file(path, i);
        if (!has_folders_) add_file(path.substr(path.find_last_of('/') + 1), i);
      }
    }
    constexpr size_t kExtension = 16;  // that an entry may have beyond a key
    for (const Keys* keys : {&names_, &files_})
      for (const auto& each : *keys) longest_ = std::max(longest_, each.first.size() + kExtension);
  }

  /// Empty if it names none.
  std::vector<size_t> find(const std::string& entry) const {
    std::string path = composed(entry);
    std::vector<size_t> found = find_path(path);
    std::replace(path.begin(), path.end(), '\\', '/');
    if (found.empty()) found = find_path(path);
    const size_t column = path.find_first_of("\t ,;");
    if (found.empty() && column != std::string::npos) found = find_path(path.substr(0, column));
    return found;
  }

 private:
  using Keys = std::map<std::string, std::vector<size_t>>;

  void add_file(const std::string& key, size_t sample) {
    std::vector<size_t>& samples = files_[key];
    if (samples.empty() || samples.back() != sample) samples.push_back(sample);
  }

  /// Skips leading folders until a name is known. Where samples have folders, these are part of their names.
  std::vector<size_t> find_path(const std::string& path) const {
    size_t begin = 0;
    if (path.size() > longest_) {  // more names nothing; a line of slashes would take time quadratic in its length
      const size_t slash = path.find('/', path.size() - longest_ - 1);
      begin = slash == std::string::npos ? path.size() : slash + 1;
    }
    while (begin < path.size()) {
      const std::string tail = path.substr(begin);
      for (const std::string& key : {tail, without_image_extension(tail)})
        for (const Keys* keys : {&names_, &files_})
          if (const auto place = keys->find(key);
              place != keys->end() && (begin == 0 || !has_folders_ || key.find('/') != std::string::npos))
            return place->second;
      const size_t slash = path.find('/', begin);
      begin = slash == std::string::npos ? path.size() : slash + 1;
    }
    return {};
  }

  bool has_folders_;
  Keys names_, files_;
  size_t longest_ = 0;  ///< bytes that an entry can have and name something
};

/// The part that the lists assign to each sample, and the problems of the lists.
class Assignment {
 public:
  Assignment(const std::vector<SampleRef>& samples, const std::string& dir, std::vector<Finding>& problems)
      : listed_(samples, dir), parts_(samples.size()), problems_(problems) {}

  void add(const std::string& entry, Part part, const std::string& source) {
    const std::vector<size_t> samples = listed_.find(entry);
    if (samples.empty())
      add_problem(concat(source, ": '", entry, "' names no image that has a mask. Correct or remove it"));
    for (const size_t i : samples) {
      if (parts_[i] && *parts_[i] != part) {
        add_problem(concat(source, ": '", entry, "' is in ", kPartNames[part], " and in ", kPartNames[*parts_[i]],
                           ". Remove it from one of them"));
        return;
      }
      parts_[i] = part;
    }
  }

  std::optional<Part> part_of(size_t sample) const { return parts_[sample]; }

 private:
  void add_problem(const std::string& text) { problems_.push_back({FindingKind::split_list, "", text, ""}); }

  ListedSamples listed_;
  std::vector<std::optional<Part>> parts_;
  std::vector<Finding>& problems_;
};

struct ListedPart {
  Part part;
  const std::string& list;                ///< file below dir, or ""
  const std::vector<std::string>& stems;  ///< given in the options
};

}  // namespace

bool divides_by_lists(const DataOptions& options) {
  const bool given = !options.train_list.empty() || !options.val_list.empty() || !options.test_list.empty() ||
                     !options.val_stems.empty() || !options.test_stems.empty();
  if (options.split == SplitMode::lists && !given)
    fail(ErrorKind::config, "[data.split] got lists, but no list is given; expected data.val_list, data.val_stems, ",
         "data.train_list, data.test_list or data.test_stems. Set one of them, or data.split: fraction");
  return given && (options.split == SplitMode::lists || options.split == SplitMode::automatic);
}

Split split_by_lists(std::vector<SampleRef> samples, const DataOptions& options) {
  const std::vector<std::string> no_stems;
  const ListedPart parts[] = {{kTrain, options.train_list, no_stems},
                              {kVal, options.val_list, options.val_stems},
                              {kTest, options.test_list, options.test_stems}};
  Split split;
  split.divided = true;
  split.rule = "by lists";
  Assignment assignment(samples, options.dir, split.problems);
  for (const ListedPart& listed : parts) {
    for (const std::string& stem : listed.stems)
      assignment.add(stem, listed.part, concat("data.", kPartNames[listed.part], "_stems"));
    if (listed.list.empty()) continue;
    const fs::path path = fs::path(options.dir) / listed.list;
    for (const std::string& entry : read_list(path, split.problems)) assignment.add(entry, listed.part, path.string());
  }
  const bool train_is_listed = !options.train_list.empty();
  for (size_t i = 0; i < samples.size(); ++i) {
    std::optional<Part> part = assignment.part_of(i);
    if (!part && !train_is_listed) part = kTrain;
    if (part) split.part(*part).push_back(std::move(samples[i]));
  }
  return split;
}

}  // namespace unet
