/// From the labels in the files to class indices: the second step of probe().
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "data/contents.h"
#include "runtime/types.h"

namespace admmnet {

/// The labels to learn: those of the training file, less what -data_classes leaves out; sorted.
/// Throws BadInput when -data_classes names what is not there, and when fewer than two are left.
std::vector<std::string> choose_classes(const DataOptions& options, const Contents& train);

/// As numbers when all are integers, else as text.
std::vector<std::string> sorted_labels(std::vector<std::string> labels);

/// Class index of each sample; what is left out, or what `filter` (if any) does not name, is not
/// selected. Throws BadInput for a label that is not among the class labels.
std::vector<int> code_labels(const Contents& contents, const std::vector<std::string>& class_labels,
                             const std::vector<std::string>& filter);

/// Where a label 0 may stand for none (Contents::zero_is_none) and is none of the classes: it does.
void forget_zero_labels(const std::vector<std::string>& class_labels, Contents& contents);

Index count_selected(const std::vector<int>& classes);

/// Marks the first `count` selected samples as not selected.
void leave_out_first(Index count, std::vector<int>& classes);

}  // namespace admmnet
