/// What stands in the files of samples, whatever their format: the first step of probe().
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

/// One file of samples (with IDX: a pair), whatever its format.
struct Contents {
  std::string path;  ///< of the samples; empty: there is none
  Index samples = 0, features = 0;
  Index image_rows = 0, image_cols = 0;
  std::vector<int> labels;  ///< as in the file; empty: none
  std::vector<std::string> notes;
};

enum class Need { samples_and_labels, samples };

/// The parts with commas between them, for a message.
std::string join(const std::vector<std::string>& parts);
std::string join(const std::vector<int>& numbers);

/// The four names under which a file of MNIST's may stand in `dir`.
std::vector<std::string> idx_names(const std::string& dir, const std::string& kind, int dimensions);

/// Looks at the training file and, unless its path is empty, at the test file. Rank-local. Throws
/// BadInput for whatever is wrong with them, and when there is no training file.
Contents examine_train(const DataOptions& options);
Contents examine_test(const DataOptions& options, Need need);

}  // namespace admmnet
