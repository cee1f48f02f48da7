/// Tables of text: one sample a line, plain or gzipped, of numbers and a label.
///
/// Fields are separated by commas, semicolons, tabs or bars, and may stand between quotes
/// (csv_records.h). A header, the column of the labels and an index are found by csv_layout.h. A
/// feature is a finite decimal number; with semicolons it may have a decimal comma, when no field
/// of the file has a decimal point. A label is an integer or a name, a target a number.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "data/contents.h"
#include "data/csv_layout.h"
#include "data/source.h"

namespace admmnet {

/// Parses the whole file and lays it out. Rank-local; memory: 4 bytes a sample, 8 a target, the
/// distinct labels, and the longest line. `trained` as for lay_out. Throws BadInput naming line and
/// field for what is not a finite number, a missing value unless options.missing says what becomes
/// of it, and lines of different lengths; and for a file without samples.
Contents scan_csv(const std::string& path, const DataOptions& options,
                  const TrainedColumns* trained, CsvLayout& layout);

/// The features as samples of layout.features reals each, sequential; NaN: missing.
std::unique_ptr<SampleSource> open_csv(const std::string& path, const CsvLayout& layout,
                                       Missing missing);

/// The line on which a sample stands, counted from 1; samples are counted from 0. Reads up to
/// there. Rank-local.
Index csv_line_of_sample(const std::string& path, const CsvLayout& layout, Missing missing,
                         Index sample);

}  // namespace admmnet
