#include "data/dataset/finding_groups.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <sstream>

#include "configs/schema/error.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

bool begins_word(const std::string& text, size_t at) {
  return at == 0 || std::string(" \n(,;:'\"=[").find(text[at - 1]) != std::string::npos;
}

/// The text with paths below `dir` relative to it.
std::string with_short_paths(const std::string& text, const std::string& dir) {
  if (dir.empty()) return text;
  const std::string prefix = ends_with(dir, "/") ? dir : dir + "/";
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const bool is_below = text.compare(at, prefix.size(), prefix) == 0 && begins_word(text, at);
    if (is_below)
      at += prefix.size();
    else
      result += text[at++];
  }
  return result;
}

/// The text without what differs between files of equal cause: a word that may be a path becomes "/", a number "#".
std::vector<std::string> generic_words(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    std::string generic;
    for (const char c : word) {
      const bool is_digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
      if (!is_digit || generic.empty() || generic.back() != '#') generic += is_digit ? '#' : c;
    }
    const size_t dot = word.find('.');
    const bool is_file = dot != std::string::npos && dot + 1 < word.size() && dot > 0;
    const bool is_color = word.find('#') != std::string::npos;
    words.push_back(word.find('/') != std::string::npos || is_file ? "/" : is_color ? "#" : generic);
  }
  return words;
}

/// Removes items that repeat the one before them, so that lists of different lengths become equal.
void remove_repeats(std::vector<std::string>& words) {
  constexpr size_t kLongestItem = 4;  // words
  std::vector<std::string> kept;
  for (const std::string& word : words) {
    kept.push_back(word);
    for (size_t n = 1; n <= kLongestItem && 2 * n <= kept.size(); ++n)
      if (std::equal(kept.end() - static_cast<std::ptrdiff_t>(n), kept.end(),
                     kept.end() - static_cast<std::ptrdiff_t>(2 * n))) {
        kept.resize(kept.size() - n);
        break;
      }
  }
  words = kept;
}

/// A finding's text without its file.
struct FindingText {
  std::string file;  ///< "" if the text does not begin with one
  std::string body;
};

FindingText split_text(const Finding& finding, const std::string& dir) {
  const std::string beginning = finding.file + ": ";
  if (finding.file.empty() || !starts_with(finding.text, beginning)) return {"", with_short_paths(finding.text, dir)};
  return {with_short_paths(finding.file, dir), with_short_paths(finding.text.substr(beginning.size()), dir)};
}

std::string cause_key(const Finding& finding) {
  std::string text = finding.text.substr(starts_with(finding.text, finding.file) ? finding.file.size() : 0);
  const std::string stem = "/" + std::filesystem::path(finding.file).stem().string();
  for (size_t at = 0; stem.size() > 1 && (at = text.find(stem, at)) != std::string::npos; ++at)
    text.erase(at + 1, stem.size() - 1);  // it may have spaces
  std::vector<std::string> words = generic_words(text);
  remove_repeats(words);
  return join(words, " ");
}

/// Length of what all texts end with, in whole sentences.
size_t shared_end(const std::vector<FindingText>& texts) {
  const std::string& first = texts.front().body;
  size_t length = first.size();
  for (const FindingText& text : texts) {
    size_t same = 0;
    while (same < std::min(length, text.body.size()) &&
           first[first.size() - 1 - same] == text.body[text.body.size() - 1 - same])
      ++same;
    length = same;
  }
  const bool are_equal = std::all_of(texts.begin(), texts.end(), [&](const auto& text) { return text.body == first; });
  if (are_equal) return first.size();
  for (size_t at = first.size() - length + 2; at < first.size(); ++at) {
    const bool begins_sentence =
        first.compare(at - 2, 2, ". ") == 0 && std::islower(static_cast<unsigned char>(first[at])) == 0;
    if (begins_sentence) return first.size() - at;
  }
  return 0;
}

FindingGroup make_group(FindingKind kind, const std::vector<FindingText>& texts) {
  FindingGroup group{kind, texts.size(), "", {}, false};
  const size_t shared = texts.size() == 1 ? 0 : shared_end(texts);
  const std::string& first = texts.front().body;
  group.cause = first.substr(first.size() - shared);
  group.has_names_only = shared > 0 && shared == first.size();
  for (size_t i = 0; i < std::min(kFindingExamples, texts.size()); ++i) {
    const auto& [file, body] = texts[i];
    std::string rest = body.substr(0, body.size() - shared);
    if (ends_with(rest, ". ")) rest.resize(rest.size() - 2);
    const std::string example = file.empty() ? rest : rest.empty() ? file : file + ": " + rest;
    if (!example.empty()) group.examples.push_back(example);
  }
  return group;
}

/// Groups the findings from `begin` to `end`, all of one kind.
void group_kind(const std::vector<Finding>& findings, size_t begin, size_t end, const std::string& dir,
                std::vector<FindingGroup>& groups) {
  std::vector<std::vector<FindingText>> causes;
  std::map<std::string, size_t> place;
  for (size_t i = begin; i < end; ++i) {
    const FindingText text = split_text(findings[i], dir);
    const auto [cause, inserted] = place.emplace(cause_key(findings[i]), causes.size());
    if (inserted) causes.emplace_back();
    causes[cause->second].push_back(text);
  }
  std::stable_sort(causes.begin(), causes.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::vector<FindingText>& texts : causes) groups.push_back(make_group(findings[begin].kind, texts));
}

void add_group_lines(const FindingGroup& group, bool is_only, std::vector<FindingLine>& lines) {
  const std::string more =
      group.count > group.examples.size() ? concat("and ", group.count - group.examples.size(), " more") : "";
  const std::string count = is_only ? "" : concat(group.count, " times: ");
  size_t depth = 1;
  if (!group.cause.empty()) lines.push_back({depth++, count + group.cause});
  if (group.examples.empty()) return;
  if (group.has_names_only) {
    lines.push_back({depth, join(group.examples) + (more.empty() ? "" : " " + more)});
    return;
  }
  for (const std::string& example : group.examples) lines.push_back({depth, example});
  if (!more.empty()) lines.push_back({depth, more});
}

}  // namespace

std::vector<FindingGroup> group_findings(const std::vector<Finding>& findings, const std::string& dir) {
  std::vector<FindingGroup> groups;
  for (size_t begin = 0, end = 0; begin < findings.size(); begin = end) {
    while (end < findings.size() && findings[end].kind == findings[begin].kind) ++end;
    group_kind(findings, begin, end, dir, groups);
  }
  return groups;
}

std::vector<FindingLine> finding_lines(const std::vector<FindingGroup>& groups, size_t max_groups) {
  std::vector<FindingLine> lines;
  for (size_t begin = 0, end = 0; begin < groups.size(); begin = end) {
    size_t count = 0;
    for (; end < groups.size() && groups[end].kind == groups[begin].kind; ++end) count += groups[end].count;
    lines.push_back({0, concat(title_of(groups[begin].kind), ": ", count)});
    const size_t shown = std::min(end, begin + max_groups);
    for (size_t i = begin; i < shown; ++i) {
      add_group_lines(groups[i], end - begin == 1, lines);
      count -= groups[i].count;
    }
    if (shown < end) lines.push_back({1, concat("and ", count, " more of ", counted(end - shown, "other cause"))});
  }
  return lines;
}

std::string finding_list(const std::vector<Finding>& findings, const std::string& dir) {
  constexpr size_t kMaxCauses = 5;
  std::string list;
  for (const FindingLine& line : finding_lines(group_findings(findings, dir), kMaxCauses)) {
    const std::string line_break = "\n" + std::string(2 * (line.depth + 1), ' ');
    list += line_break + join(text_lines(line.text), line_break);
  }
  return list;
}

}  // namespace unet
