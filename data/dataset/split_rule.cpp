#include "data/dataset/split_rule.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <map>
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

/// What decides together: the first group or the whole of the match, else the stem.
std::string group_of(const std::string& stem, const std::regex& pattern) {
  std::smatch match;
  if (!std::regex_search(stem, match, pattern)) return stem;
  return match.size() > 1 && match[1].matched ? match[1].str() : match[0].str();
}

/// A number in [0,1) that depends on the text alone.
double position_of(const std::string& text) {
  return static_cast<double>(XXH3_64bits(text.data(), text.size()) >> 11) * 0x1.0p-53;
}

struct Group {
  double position;
  std::string name;
  std::vector<Pair> pairs;
};

std::vector<Group> grouped(std::vector<Pair> pairs, const std::string& pattern_text) {
  const std::regex pattern = compile(pattern_text);
  std::map<std::string, std::vector<Pair>> by_name;
  for (Pair& pair : pairs)
    by_name[pattern_text.empty() ? pair.stem : group_of(pair.stem, pattern)].push_back(std::move(pair));
  std::vector<Group> groups;
  for (auto& [name, members] : by_name) groups.push_back({position_of(name), name, std::move(members)});
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return std::tie(a.position, a.name) < std::tie(b.position, b.name); });
  return groups;
}

void sort_by_stem(std::vector<Pair>& pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.stem < b.stem; });
}

/// How many of the groups, ordered by position, lie below `limit`.
size_t groups_below(const std::vector<Group>& groups, double limit) {
  return static_cast<size_t>(
      std::count_if(groups.begin(), groups.end(), [&](const Group& group) { return group.position < limit; }));
}

void append_pairs(const std::vector<Group>& groups, size_t begin, size_t end, std::vector<Pair>& out) {
  for (size_t i = begin; i < end; ++i) out.insert(out.end(), groups[i].pairs.begin(), groups[i].pairs.end());
  sort_by_stem(out);
}

/// The stems of a list file: a stem or file name a line, # begins a comment.
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
  const char* name;
  const std::string& list;                ///< file below dir, or ""
  const std::vector<std::string>& stems;  ///< given in the options
};

/// Where each listed stem belongs, and what is wrong with the lists.
class Assignment {
 public:
  Assignment(const std::vector<Pair>& pairs, std::vector<Finding>& problems) : problems_(problems) {
    for (const Pair& pair : pairs) known_.insert(pair.stem);
  }

  void add(const std::string& entry, const std::string& part, const std::string& source) {
    const bool has_ending = known_.count(entry) == 0 && has_image_extension(entry);
    const std::string stem = has_ending ? fs::path(entry).stem().string() : entry;
    if (known_.count(stem) == 0) {
      add_problem(concat(source, ": '", entry, "' names no pair. Correct or remove it"));
      return;
    }
    const auto [place, fresh] = part_of_.emplace(stem, part);
    if (!fresh && place->second != part)
      add_problem(
          concat(source, ": '", entry, "' is in ", part, " and in ", place->second, ". Remove it from one of them"));
  }

  std::string part_of(const std::string& stem, const std::string& otherwise) const {
    const auto place = part_of_.find(stem);
    return place == part_of_.end() ? otherwise : place->second;
  }

 private:
  void add_problem(const std::string& text) { problems_.push_back({FindingKind::split_list, "", text, ""}); }

  std::set<std::string> known_;
  std::map<std::string, std::string> part_of_;
  std::vector<Finding>& problems_;
};

}  // namespace

bool divides_by_lists(const DataOptions& options) {
  const bool given = !options.train_list.empty() || !options.val_list.empty() || !options.test_list.empty() ||
                     !options.val_stems.empty() || !options.test_stems.empty();
  if (options.split == SplitMode::lists && !given)
    fail(ErrorKind::config, "[data.split] got lists, but no list is given; expected data.val_list, data.val_stems, ",
         "data.train_list, data.test_list or data.test_stems. Give one, or set data.split: fraction");
  return given && (options.split == SplitMode::lists || options.split == SplitMode::automatic);
}

Split split_by_fraction(std::vector<Pair> pairs, const DataOptions& options, double val_fraction,
                        double test_fraction) {
  const std::vector<Group> groups = grouped(std::move(pairs), options.group_pattern);
  const size_t test_end = groups_below(groups, test_fraction);
  size_t val_end = groups_below(groups, test_fraction + val_fraction);
  // Very small sets: neither training nor validation stays empty while the other has a group to spare, and one group
  // alone is for training.
  if (val_fraction > 0 && val_end == test_end && groups.size() - val_end > 1) ++val_end;
  if (val_end == groups.size() && val_end > test_end && (val_end - test_end > 1 || groups.size() == 1)) --val_end;

  Split split;
  append_pairs(groups, 0, test_end, split.test);
  append_pairs(groups, test_end, val_end, split.val);
  append_pairs(groups, val_end, groups.size(), split.train);
  split.rule = concat("by fraction: ", number_text(val_fraction), " for validation, ", number_text(test_fraction),
                      " for testing, by a hash of ", options.group_pattern.empty() ? "the name" : "the group");
  return split;
}

Split split_by_lists(std::vector<Pair> pairs, const DataOptions& options) {
  const std::vector<std::string> no_stems;
  const ListedPart parts[] = {{"train", options.train_list, no_stems},
                              {"val", options.val_list, options.val_stems},
                              {"test", options.test_list, options.test_stems}};
  Split split;
  split.divided = true;
  split.rule = "by lists";
  Assignment assignment(pairs, split.problems);
  for (const ListedPart& part : parts) {
    for (const std::string& stem : part.stems) assignment.add(stem, part.name, concat("data.", part.name, "_stems"));
    if (part.list.empty()) continue;
    const fs::path path = fs::path(options.dir) / part.list;
    for (const std::string& entry : read_list(path)) assignment.add(entry, part.name, path.string());
  }
  const std::string rest = options.train_list.empty() ? "train" : "";
  for (Pair& pair : pairs) {
    const std::string part = assignment.part_of(pair.stem, rest);
    if (!part.empty()) split.part(part).push_back(std::move(pair));
  }
  return split;
}

}  // namespace unet
