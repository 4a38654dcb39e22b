#pragma once

#include "data/dataset/open_dataset.h"

namespace unet {

/// Uses the label values that the layout defines for the options that are `auto`. Labels that the user gives replace
/// all of it, because names and colors belong to them.
void take_label_meaning(const LabelMeaning& meaning, Dataset& dataset);

/// Reads the masks again by their alpha if that is where the labels are: the colors of every transparent mask are the
/// same everywhere, alpha has at most two values, and the other masks have a single value.
void read_labels_from_alpha(Dataset& dataset, const ScanOptions& scan);

/// Resolves labels, names and colors of the classes by lists of classes and by the masks, without the test part, so
/// that test images influence nothing that they are scored with. What cannot be resolved is added to the problems.
void resolve_dataset_classes(Dataset& dataset);

}  // namespace unet
