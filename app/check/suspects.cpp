#include "app/check/suspects.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace unet {
namespace {

/// Suspects in the order in which they are first added.
class SuspectList {
 public:
  explicit SuspectList(const DataReport& report) : pairs_(report.data.pairs) {
    for (size_t i = 0; i < pairs_.size(); ++i) pair_of_[pairs_[i].image] = pair_of_[pairs_[i].mask] = i;
  }

  void add(const std::string& file, const std::string& reason) {
    Suspect suspect{file, {}, {}};
    if (const auto pair = pair_of_.find(file); pair != pair_of_.end()) {
      suspect.file = pairs_[pair->second].image;
      suspect.pair = pair->second;
    }
    const auto [place, fresh] = place_of_.emplace(suspect.file, all_.size());
    if (fresh) all_.push_back(suspect);
    all_[place->second].reasons.push_back(reason);
  }

  const std::vector<Suspect>& all() const { return all_; }

 private:
  const std::vector<Pair>& pairs_;
  std::map<std::string, size_t> pair_of_;   // by path
  std::map<std::string, size_t> place_of_;  // by path
  std::vector<Suspect> all_;
};

}  // namespace

std::vector<Suspect> suspects_of(const DataReport& report) {
  SuspectList list(report);
  for (const auto* findings : {&report.problems, &report.warnings, &report.notes})
    for (const Finding& finding : *findings) {
      if (!finding.reason.empty()) list.add(finding.file, finding.reason);
      if (!finding.other.empty())
        list.add(finding.other, "same as " + std::filesystem::path(finding.file).filename().string());
    }
  return list.all();
}

std::vector<size_t> ordinary_pairs(const DataReport& report, const std::vector<Suspect>& suspects, size_t count) {
  std::set<size_t> suspicious;
  for (const Suspect& suspect : suspects)
    if (suspect.pair) suspicious.insert(*suspect.pair);
  std::vector<size_t> ordinary;
  for (size_t i = 0; i < report.data.pairs.size(); ++i)
    if (report.data.scan.usable[i] && suspicious.count(i) == 0) ordinary.push_back(i);
  count = std::min(count, ordinary.size());
  std::vector<size_t> chosen;
  for (size_t i = 0; i < count; ++i) chosen.push_back(ordinary[i * ordinary.size() / count]);
  return chosen;
}

}  // namespace unet
