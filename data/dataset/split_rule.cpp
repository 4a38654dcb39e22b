#include "data/dataset/split_rule.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <tuple>

#include "configs/schema/error.h"
#include "configs/schema/writer.h"
#include "data/files/read_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

std::regex compile(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    fail(ErrorKind::config, "[data.group_pattern] got '", pattern, "', expected a regular expression: ", error.what(),
         ". Example: '^(patient\\d+)'");
  }
}

/// Returns the group of a sample: the layout's, else the first capture group or the whole match of the pattern, else
/// the name.
std::string group_of(const SampleRef& sample, const std::string& pattern_text, const std::regex& pattern) {
  if (!sample.group.empty()) return sample.group;
  std::smatch match;
  if (pattern_text.empty() || !std::regex_search(sample.name, match, pattern)) return sample.name;
  return match.size() > 1 && match[1].matched ? match[1].str() : match[0].str();
}

/// Maps a text to a number in [0,1), the same on every machine.
double position_of(const std::string& text) {
  return static_cast<double>(XXH3_64bits(text.data(), text.size()) >> 11) * 0x1.0p-53;
}

struct Group {
  double position;
  std::string name;
  std::vector<SampleRef> samples;
};

/// Returns the groups with their samples, in the order of their positions.
std::vector<Group> group_samples(std::vector<SampleRef> samples, const std::string& pattern_text) {
  const std::regex pattern = compile(pattern_text);
  std::map<std::string, std::vector<SampleRef>> by_name;
  for (SampleRef& sample : samples) {
    const std::string name = group_of(sample, pattern_text, pattern);
    by_name[name].push_back(std::move(sample));
  }
  std::vector<Group> groups;
  for (auto& [name, members] : by_name) groups.push_back({position_of(name), name, std::move(members)});
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return std::tie(a.position, a.name) < std::tie(b.position, b.name); });
  return groups;
}

/// Number of groups whose position is below `limit`.
size_t groups_below(const std::vector<Group>& groups, double limit) {
  return static_cast<size_t>(
      std::count_if(groups.begin(), groups.end(), [&](const Group& group) { return group.position < limit; }));
}

/// Returns the samples of groups `begin` to `end` - 1, sorted by name.
std::vector<SampleRef> samples_in(const std::vector<Group>& groups, size_t begin, size_t end) {
  std::vector<SampleRef> samples;
  for (size_t i = begin; i < end; ++i)
    samples.insert(samples.end(), groups[i].samples.begin(), groups[i].samples.end());
  std::sort(samples.begin(), samples.end(), [](const SampleRef& a, const SampleRef& b) { return a.name < b.name; });
  return samples;
}

/// Reads a list file: one stem or file name per line; # begins a comment.
std::vector<std::string> read_list(const fs::path& path) {
  std::istringstream lines(read_file(path.string()));
  std::vector<std::string> stems;
  for (std::string line; std::getline(lines, line);) {
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    stems.push_back(line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1));
  }
  return stems;
}

struct ListedPart {
  Part part;
  const std::string& list;                ///< file below dir, or ""
  const std::vector<std::string>& stems;  ///< given in the options
};

/// The part that the lists assign to each sample, and the problems of the lists.
class Assignment {
 public:
  Assignment(const std::vector<SampleRef>& samples, std::vector<Finding>& problems) : problems_(problems) {
    for (const SampleRef& sample : samples) known_.insert(sample.name);
  }

  void add(const std::string& entry, Part part, const std::string& source) {
    const bool is_file_name = known_.count(entry) == 0 && has_image_extension(entry);
    const std::string name = is_file_name ? fs::path(entry).stem().string() : entry;
    if (known_.count(name) == 0) {
      add_problem(concat(source, ": '", entry, "' names no image that has a mask. Correct or remove it"));
      return;
    }
    const auto [place, inserted] = part_of_.emplace(name, part);
    if (!inserted && place->second != part)
      add_problem(concat(source, ": '", entry, "' is in ", kPartNames[part], " and in ", kPartNames[place->second],
                         ". Remove it from one of them"));
  }

  std::optional<Part> part_of(const std::string& name) const {
    const auto place = part_of_.find(name);
    return place == part_of_.end() ? std::nullopt : std::optional<Part>(place->second);
  }

 private:
  void add_problem(const std::string& text) { problems_.push_back({FindingKind::split_list, "", text, ""}); }

  std::set<std::string> known_;
  std::map<std::string, Part> part_of_;
  std::vector<Finding>& problems_;
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

Split split_by_fraction(std::vector<SampleRef> samples, const DataOptions& options, double val_fraction,
                        double test_fraction) {
  const std::vector<Group> groups = group_samples(std::move(samples), options.group_pattern);
  const size_t test_end = groups_below(groups, test_fraction);
  size_t val_end = groups_below(groups, test_fraction + val_fraction);
  // In very small sets, neither training nor validation stays empty if the other can spare a group; a single group goes
  // to training.
  if (val_fraction > 0 && val_end == test_end && groups.size() - val_end > 1) ++val_end;
  if (val_end == groups.size() && val_end > test_end && (val_end - test_end > 1 || groups.size() == 1)) --val_end;

  Split split;
  split.test = samples_in(groups, 0, test_end);
  split.val = samples_in(groups, test_end, val_end);
  split.train = samples_in(groups, val_end, groups.size());
  split.rule = concat("by fraction: ", number_text(val_fraction), " for validation, ", number_text(test_fraction),
                      " for testing, by a hash of ", options.group_pattern.empty() ? "the name" : "the group");
  return split;
}

Split split_by_lists(std::vector<SampleRef> samples, const DataOptions& options) {
  const std::vector<std::string> no_stems;
  const ListedPart parts[] = {{kTrain, options.train_list, no_stems},
                              {kVal, options.val_list, options.val_stems},
                              {kTest, options.test_list, options.test_stems}};
  Split split;
  split.divided = true;
  split.rule = "by lists";
  Assignment assignment(samples, split.problems);
  for (const ListedPart& listed : parts) {
    for (const std::string& stem : listed.stems)
      assignment.add(stem, listed.part, concat("data.", kPartNames[listed.part], "_stems"));
    if (listed.list.empty()) continue;
    const fs::path path = fs::path(options.dir) / listed.list;
    for (const std::string& entry : read_list(path)) assignment.add(entry, listed.part, path.string());
  }
  const bool train_is_listed = !options.train_list.empty();
  for (SampleRef& sample : samples) {
    std::optional<Part> part = assignment.part_of(sample.name);
    if (!part && !train_is_listed) part = kTrain;
    if (part) split.part(*part).push_back(std::move(sample));
  }
  return split;
}

}  // namespace unet
