#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/near_duplicates.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// Shares of the images for validation and testing; training gets the others.
struct Fractions {
  double val = 0, test = 0;
};

/// What a split by fraction knows of the samples besides their names.
struct SampleContents {
  std::vector<bool> usable;                  ///< by sample; empty: all
  std::vector<std::vector<int64_t>> values;  ///< label values by sample; empty: not considered
  std::vector<NearPair> near_duplicates;
};

/// A split by fraction.
struct FractionSplit {
  std::vector<Part> parts;             ///< by sample
  SplitBy method = SplitBy::name;      ///< automatic only where both fractions are 0
  std::string rule;                    ///< human-readable description
  std::vector<std::string> decisions;  ///< what the contents changed, human-readable, one line each
};

/// Divides samples by the hashes of their names, or of their groups' names if they have groups. `options.split_by`:
/// - rank: groups in the order of their hashes, each where it brings a part nearer to its share. The shares hold within
///   an image, or a group; a new image moves few others.
/// - threshold: the hash is compared with the shares. These hold approximately; a new image moves no others.
/// - name: threshold by names alone, whatever the contents.
/// - auto: threshold if the standard deviation of the smallest part's size is at most 5% of it (for 0.2 from 1,600
///   images on), else rank.
///
/// Rank and threshold keep near duplicates in one group. They then exchange groups until each label value is in
/// training, then in validation, then in testing, as far as there are images with it and the shares allow: the rarest
/// values first, as in iterative stratification, but only where one is missing, so that few images move when a set
/// grows. Source: Sechidis et al. 2011, On the Stratification of Multi-Label Data.
///
/// If no group falls into validation (or training), one does, unless it is the only one. Throws Error(config) for a bad
/// pattern.
FractionSplit divide_by_fraction(const std::vector<SampleRef>& samples, const DataOptions& options,
                                 const Fractions& fractions, const SampleContents& contents = {});

}  // namespace unet
