/// The form of a table, judged by its first lines: separator, header, which column is what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"
#include "data/csv_records.h"

namespace admmnet {

/// How the columns of a table are to be read.
struct CsvLayout {
  char separator = ',';
  bool trailing = false;  ///< every line ends with a separator, behind which nothing stands
  bool header = false;    ///< the first record holds names
  Index fields = 0;       ///< of a record, without the empty one behind a trailing separator
  Index features = 0;
  Index label_field = -1;                  ///< counted from 0; -1: none
  std::vector<Index> target_fields;        ///< of all targets: that of the label, or several
  Index weight_field = -1;                 ///< what a sample counts; -1: none, or not of interest
  Index index_field = -1;                  ///< numbers or names of the rows, left out; -1: none
  std::vector<Index> feature_of;           ///< of each field: its place among the features; or -1
  std::vector<std::string> feature_names;  ///< in the order of the features; empty: no header
  std::vector<std::string> target_names;   ///< the same of the targets
  std::vector<std::string> notes;          ///< what was assumed
};

/// What is known of the features before a file for test or prediction is looked at.
struct TrainedColumns {
  std::vector<std::string> feature_names;  ///< empty: unknown
  bool labels_needed = false;
};

/// Judges a file that is open and not yet read from. `trained`: null for a training file. The
/// columns of a file with a header are put in the order of training's names. Rank-local. Throws
/// BadInput for -data_label_column, -data_weight_column, -data_header and names that do not fit the
/// file.
CsvLayout lay_out(CsvRecords& records, const DataOptions& options, const TrainedColumns* trained);

/// Whether a separator goes with decimal commas ("1,5;2,5").
inline bool allows_decimal_comma(char separator) {
  return separator == ';';
}

}  // namespace admmnet
