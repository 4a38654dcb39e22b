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
  explicit SuspectList(const std::vector<SampleRef>& samples) : samples_(samples) {}

  void add_sample(size_t sample, const std::string& reason) { add({samples_[sample].text(), sample, {}}, reason); }

  void add_file(const std::string& file, const std::string& reason) { add({file, {}, {}}, reason); }

  const std::vector<Suspect>& all() const { return all_; }

 private:
  void add(const Suspect& suspect, const std::string& reason) {
    const auto [entry, inserted] = index_by_file_.emplace(suspect.file, all_.size());
    if (inserted) all_.push_back(suspect);
    all_[entry->second].reasons.push_back(reason);
  }

  const std::vector<SampleRef>& samples_;
  std::map<std::string, size_t> index_by_file_;
  std::vector<Suspect> all_;
};

}  // namespace

std::vector<Suspect> suspects_of(const DataReport& report) {
  SuspectList list(report.data.samples);
  for (const auto* findings : {&report.data.problems, &report.warnings, &report.data.notes})
    for (const Finding& finding : *findings) {
      if (finding.reason.empty()) continue;
      if (finding.sample)
        list.add_sample(*finding.sample, finding.reason);
      else
        list.add_file(finding.file, finding.reason);
      if (finding.twin)
        list.add_sample(*finding.twin, "same as " + std::filesystem::path(finding.file).filename().string());
    }
  return list.all();
}

std::vector<size_t> ordinary_samples(const DataReport& report, const std::vector<Suspect>& suspects, size_t count) {
  std::set<size_t> suspicious;
  for (const Suspect& suspect : suspects)
    if (suspect.sample) suspicious.insert(*suspect.sample);
  std::vector<std::vector<size_t>> parts(kPartCount);
  for (size_t i = 0; i < report.data.samples.size(); ++i)
    if (report.data.scan.usable[i] && suspicious.count(i) == 0) parts[report.data.part(i)].push_back(i);
  // The smallest part comes first, so that the others share what it leaves.
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<size_t> chosen;
  for (size_t p = 0; p < parts.size(); ++p) {
    const size_t taken = std::min((count - chosen.size()) / (parts.size() - p), parts[p].size());
    for (size_t i = 0; i < taken; ++i) chosen.push_back(parts[p][i * parts[p].size() / taken]);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace unet
