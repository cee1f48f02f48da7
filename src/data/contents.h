/// What stands in the files of samples, whatever their format: the first step of probe().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/file_format.h"
#include "data/sparsity.h"
#include "runtime/types.h"

namespace admmnet {

/// One file of samples (with IDX: a pair), whatever its format.
struct Contents {
  std::string path;  ///< of the samples; empty: there is none
  Index samples = 0, features = 0;
  Index image_rows = 0, image_cols = 0;
  bool labelled = false;
  std::vector<int> labels;  ///< of each sample: its place in label_names, kNoLabel or kLeftOut
  std::vector<std::string> label_names;  ///< distinct, in no order
  Index targets = 0;          ///< real ones of a sample; 0: labels are classes. Else label 0: given
  std::vector<double> reals;  ///< of each sample, one behind the other; NaN where not given
  std::vector<double> weights;  ///< of each sample, any number where it is left out; empty: none
  std::vector<std::string> target_names;     ///< empty: unknown
  std::vector<std::string> feature_names;    ///< empty: unknown
  std::shared_ptr<const FileLayout> layout;  ///< kept for the reading
  std::vector<Index> marks;                  ///< as in SourceFile (dataset.h)
  Sparsity sparsity;
  bool more_features = false;  ///< `features` is the largest that occurs: there may be more
  bool zero_is_none = false;   ///< a label 0 that is no class of training stands for none
  std::vector<std::string> notes;
};

/// Of a test file: both to test with it, the samples alone to predict.
enum class Need { samples_and_labels, samples };

/// The parts with commas between them, for a message.
std::string join(const std::vector<std::string>& parts);

}  // namespace admmnet
