#include "configs/schema/suggest.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace unet {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

/// Levenshtein distance in which swapping two neighbors counts once.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1), above, above_that;
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    above_that = std::exchange(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// Short synonyms such as `wd` are found only as they are: with a mistake they are similar to anything.
constexpr size_t kSynonymLettersPerMistake = 5;

/// Names of options in other tools, folded, with our name.
const std::unordered_map<std::string, std::string>& synonyms() {
  static const std::unordered_map<std::string, std::string> table{
      {"learningrate", "lr"},
      {"wd", "weight_decay"},
      {"l2", "weight_decay"},
      {"numepochs", "epochs"},
      {"maxepochs", "epochs"},
      {"bs", "batch_size"},
      {"batch", "batch_size"},
      {"nclasses", "num_classes"},
      {"classes", "num_classes"},
      {"outchannels", "num_classes"},
      {"inchannels", "channels"},
      {"nchannels", "channels"},
      {"features", "base_channels"},
      {"initfilters", "base_channels"},
      {"width", "base_channels"},
      {"basewidth", "base_channels"},
      {"numlevels", "depth"},
      {"levels", "depth"},
      {"workers", "num_workers"},
      {"threads", "num_workers"},
      {"optim", "optimizer"},
      {"scheduler", "schedule"},
      {"lrscheduler", "schedule"},
      {"gradclip", "clip_grad_norm"},
      {"clip", "clip_grad_norm"},
      {"maxgradnorm", "clip_grad_norm"},
      {"gradientclipval", "clip_grad_norm"},
      {"clipvalue", "clip_grad_value"},
      {"gradclipvalue", "clip_grad_value"},
      {"freezeencoder", "freeze"},
      {"freezebackbone", "freeze"},
      {"amp", "precision"},
      {"dtype", "precision"},
      {"fp16", "precision"},
      {"accumulategradbatches", "accumulate"},
      {"gradientaccumulationsteps", "accumulate"},
      {"ignoreindex", "ignore_values"},
      {"ignorelabel", "ignore_values"},
      {"classnames", "class_names"},
      {"palette", "class_colors"},
      {"cropsize", "size"},
      {"imagesize", "size"},
      {"imgsize", "size"},
      {"patchsize", "size"},
      {"valsplit", "val_fraction"},
      {"valpercent", "val_fraction"},
      {"validation", "val_fraction"},
      {"patience", "early_stopping_patience"},
      {"hflip", "horizontal_flip"},
      {"vflip", "vertical_flip"},
      {"rotate", "rotation"},
      {"p", "probability"},
      {"prob", "probability"},
      {"normalization", "norm"},
      {"root", "dir"},
      {"path", "dir"},
      {"datadir", "dir"},
      {"beta", "betas"},
      {"warmup", "warmup_steps"},
      {"emadecay", "ema_decay"},
      {"ema", "ema_decay"},
      {"gpu", "cuda"},
  };
  return table;
}

}  // namespace

std::string folded_name(const std::string& name) {
  std::string out = lower_case(name);
  out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c == '_' || c == '-'; }), out.end());
  return out;
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string wanted = folded_name(last_part(name));
  std::string best;
  size_t best_distance = std::max<size_t>(1, wanted.size() / 3) + 1;
  const auto offer = [&](const std::string& candidate, size_t distance) {
    if (distance >= best_distance) return;
    best = candidate;
    best_distance = distance;
  };
  for (const std::string& candidate : candidates)
    offer(candidate, edit_distance(wanted, folded_name(last_part(candidate))));
  for (const std::string& candidate : candidates)
    for (const auto& [synonym, own_name] : synonyms()) {
      if (last_part(candidate) != own_name) continue;
      if (wanted == synonym) return candidate;
      const size_t distance = edit_distance(wanted, synonym);
      if (distance <= synonym.size() / kSynonymLettersPerMistake) offer(candidate, distance);
    }
  return best;
}

bool is_synonym(const std::string& name) { return synonyms().count(folded_name(last_part(name))) != 0; }

std::string with_suggestion(const std::string& near, const std::vector<std::string>& candidates) {
  if (near.empty()) return ", expected one of " + join(candidates) + ".";
  return ". Did you mean '" + near + "'? Expected one of " + join(candidates) + ".";
}

std::string expected_one_of(const std::string& name, const std::vector<std::string>& candidates) {
  return with_suggestion(nearest_name(name, candidates), candidates);
}

}  // namespace unet
