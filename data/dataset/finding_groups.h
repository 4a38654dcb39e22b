#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/dataset/finding.h"

namespace unet {

/// Findings of one kind with one cause: their texts differ in nothing but names and numbers.
struct FindingGroup {
  FindingKind kind;
  size_t count = 0;
  std::string cause;                  ///< what all texts end with, mostly the remedy; "" if that is nothing
  std::vector<std::string> examples;  ///< the first texts without the cause, at most kFindingExamples
  bool has_names_only = false;        ///< whether the examples are files and `cause` says everything else
};

inline constexpr size_t kFindingExamples = 3;

/// Groups findings that are sorted by kind: by kind, those with most findings first. Paths below `dir` are relative to
/// it in causes and examples.
std::vector<FindingGroup> group_findings(const std::vector<Finding>& findings, const std::string& dir);

/// A line of a list. Lines of depth 0 name a kind, deeper ones belong to the line above them.
struct FindingLine {
  size_t depth;
  std::string text;
};

/// Lists groups: the title of each kind with its count, then for at most `max_groups` causes the cause and examples.
std::vector<FindingLine> finding_lines(const std::vector<FindingGroup>& groups, size_t max_groups);

/// The same for findings that are sorted by kind, as text of a message: each line begins with a newline and is
/// indented. At most five causes of a kind.
std::string finding_list(const std::vector<Finding>& findings, const std::string& dir);

}  // namespace unet
