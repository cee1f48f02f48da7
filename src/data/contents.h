/// What stands in the files of samples, whatever their format: the first step of probe().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "data/csv_layout.h"
#include "runtime/types.h"

namespace admmnet {

/// One file of samples (with IDX: a pair), whatever its format.
struct Contents {
  std::string path;  ///< of the samples; empty: there is none
  Index samples = 0, features = 0;
  Index image_rows = 0, image_cols = 0;
  bool labelled = false;
  std::vector<int> labels;  ///< of each sample: its place in label_names, kNoLabel or kLeftOut
  std::vector<std::string> label_names;    ///< distinct, in no order
  std::vector<std::string> feature_names;  ///< empty: unknown
  std::shared_ptr<const CsvLayout> layout;
  std::vector<std::string> notes;
};

enum class Need { samples_and_labels, samples };

/// The parts with commas between them, for a message.
std::string join(const std::vector<std::string>& parts);

/// The four names under which a file of MNIST's may stand in `dir`.
std::vector<std::string> idx_names(const std::string& dir, const std::string& kind, int dimensions);

/// Looks at the training file and, unless its path is empty, at the test file. Rank-local. Throws
/// BadInput for whatever is wrong with them, and when there is no training file. `feature_names`:
/// of the training file.
Contents examine_train(const DataOptions& options);
Contents examine_test(const DataOptions& options, Need need,
                      const std::vector<std::string>& feature_names);

/// The training file in the place of a test file (-data_test_last).
Contents examine_last(const DataOptions& options, const std::vector<std::string>& feature_names);

}  // namespace admmnet
