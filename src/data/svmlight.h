/// Sparse features as text: one sample a line, a label and the features that are not 0.
///
///     label index:value index:value ...   # a comment
///
/// Indices are counted from 1 and ascend; labels are integers, or real targets. A line may have no
/// label, and no features. Format: Joachims (1999), as LIBSVM reads it (Chang and Lin 2011).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"
#include "data/contents.h"
#include "data/source.h"
#include "data/text_lines.h"
#include "linalg/sparse_rows.h"
#include "runtime/types.h"

namespace admmnet {

/// One line; features are counted from 0 here.
struct SparseSample {
  std::string label;  ///< in the spelling of read_label (csv_text.h); empty: none
  std::vector<Index> features;
  std::vector<double> values;
};

/// The samples of a file one by one. Throws BadInput naming file and line for whatever is no such
/// line, and for indices beyond `features`.
class SvmlightReader {
 public:
  /// `features`: the most that may be; 0: any. `begin`: the offset of a line of a plain file.
  SvmlightReader(const std::string& path, Index features, Index begin = 0);

  /// False at the end of the file.
  bool next();
  const SparseSample& sample() const { return sample_; }
  Index line() const { return lines_.number(); }    ///< of the sample, counted from `begin`
  Index offset() const { return lines_.offset(); }  ///< of the sample
  bool compressed() const { return lines_.compressed(); }
  std::string place() const;                    ///< file and line, for messages
  Index qid_line() const { return qid_line_; }  ///< the first with a qid:..., which is left out

 private:
  void parse(std::string_view rest);
  void parse_label(std::string_view field);
  void parse_feature(std::string_view field);
  TextLines lines_;
  Index features_;
  bool from_the_beginning_;
  Index empty_line_ = 0, qid_line_ = 0;
  SparseSample sample_;
};

/// Of the samples of a plain file every so many have a mark: the offset of their line.
constexpr Index kSamplesOfMark = 256;

/// What a file holds, found by parsing all of it: samples, labels, marks, and as features
/// `features` or, where that is 0, the largest index. Throws BadInput as the reader, and for a file
/// without samples. Rank-local.
Contents scan_svmlight(const std::string& path, Index features,
                       std::optional<Task> task = Task::classification);

/// The features as samples of `features` reals each: from anywhere where there are marks.
std::unique_ptr<SampleSource> open_svmlight(const std::string& path, Index features,
                                            const std::vector<Index>& marks);

/// Samples first .. first + count - 1. Rank-local; of a packed file all that is in front of them is
/// read too.
SparseRows read_svmlight_rows(const std::string& path, Index features,
                              const std::vector<Index>& marks, Index first, Index count);

/// The line on which a sample stands, counted from 1; samples are counted from 0. Rank-local.
Index svmlight_line_of_sample(const std::string& path, Index sample);

}  // namespace admmnet
