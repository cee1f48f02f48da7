/// Comma-separated numbers: one sample a line, plain or gzipped.
///
/// A field is a finite decimal number; blanks around it, blank lines and a byte-order mark do no
/// harm. The label, an integer, stands in the first or the last column. When a field of the first
/// line is not a number, that line is taken as a header.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "data/source.h"

namespace admmnet {

/// What a CSV file holds, found by parsing all of it.
struct CsvShape {
  Index samples = 0, features = 0;
  std::vector<int> labels;  ///< one a sample; empty when there is no label column
  bool header = false;      ///< the first line was taken as a header
};

/// Parses the whole file. Rank-local; memory: 4 bytes a sample. Throws BadInput naming line and
/// field for what is not a finite number or not an integer label, for lines of different lengths,
/// and for a file without samples.
CsvShape scan_csv(const std::string& path, LabelColumn label_column);

/// The features as samples of `features` reals each, sequential.
std::unique_ptr<SampleSource> open_csv(const std::string& path, LabelColumn label_column,
                                       Index features);

/// The line on which a sample stands, counted from 1; samples are counted from 0. Reads up to
/// there. Rank-local.
Index csv_line_of_sample(const std::string& path, LabelColumn label_column, Index sample);

}  // namespace admmnet
