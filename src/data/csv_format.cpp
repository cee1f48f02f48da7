#include "data/csv_format.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "data/contents.h"
#include "data/csv.h"
#include "data/dataset.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// How the columns are to be read, kept for the reading.
struct TableLayout final : FileLayout {
  explicit TableLayout(CsvLayout its_columns) : columns(std::move(its_columns)) {}
  CsvLayout columns;
};

const CsvLayout& layout_of(const SourceFile& file) {
  return static_cast<const TableLayout&>(*file.layout).columns;
}

/// An empty path: no samples. `trained`: null for a training file.
Contents examine_table(const std::string& path, const DataOptions& options,
                       const TrainedColumns* trained) {
  if (path.empty()) return {};
  CsvLayout columns;
  Contents contents = scan_csv(path, options, trained, columns);
  contents.layout = std::make_shared<const TableLayout>(std::move(columns));
  return contents;
}

}  // namespace

void CsvFormat::check(const DataOptions& options, DataUse use, const Refuse& refuse) const {
  refuse(use == DataUse::predict && options.test.empty() && options.test_last == 0,
         {"data_test", "data_format", "data_test_last"},
         "missing; name the CSV file of the samples to predict");
  refuse(use == DataUse::train && options.train.empty(), {"data_train", "data_format"},
         "missing; name the CSV file of the training samples");
  refuse(use == DataUse::train && options.label_column == LabelColumn::none,
         {"data_label_column", "data_format"},
         "training needs labels; say which column holds them");
  refuse(options.test_last > 0 && !options.test.empty(),
         {"data_test_last", "data_test", "data_format"},
         "the test samples are either those of -data_test or the last ones of -data_train; "
         "set -data_test_last 0 or leave -data_test out");
}

Contents CsvFormat::examine_train(const DataOptions& options) const {
  if (options.train.empty())
    throw BadInput("-data_train is not set: name the CSV file to train on");
  if (options.label_column == LabelColumn::none)
    throw BadInput("-data_label_column none: training needs labels; say which column holds them");
  return examine_table(options.train, options, nullptr);
}

Contents CsvFormat::examine_test(const DataOptions& options, Need need,
                                 const std::vector<std::string>& feature_names) const {
  if (options.test.empty() && need == Need::samples)
    throw BadInput("-data_test is not set: name the CSV file to predict for");
  const TrainedColumns trained{feature_names, need == Need::samples_and_labels};
  return examine_table(options.test, options, &trained);
}

Contents CsvFormat::examine_last(const DataOptions& options,
                                 const std::vector<std::string>& feature_names) const {
  if (options.train.empty()) return examine_train(options);
  DataOptions as_test = options;
  as_test.test = options.train;
  return examine_test(as_test, Need::samples_and_labels, feature_names);
}

ValueType CsvFormat::value_type(const DataOptions&) const {
  return ValueType::real;
}

std::unique_ptr<SampleSource> CsvFormat::open(const DataOptions& options, const DataShape&,
                                              const SourceFile& file) const {
  return open_csv(file.path, layout_of(file), options.missing);
}

std::string CsvFormat::why_no_test(const DataOptions&) const {
  return "-data_test is not set";
}

/// The column of the file, counted from 1 as readers of tables do, and its name where it has one.
std::string CsvFormat::place_of_feature(const SourceFile& file, Index feature) const {
  const CsvLayout& layout = layout_of(file);
  const auto place = std::find(layout.feature_of.begin(), layout.feature_of.end(), feature);
  const std::string column = "column " + std::to_string(place - layout.feature_of.begin() + 1);
  if (layout.feature_names.empty()) return column;
  return column + " ('" + layout.feature_names[static_cast<std::size_t>(feature)] + "')";
}

std::string CsvFormat::place_of_sample(const DataOptions& options, const SourceFile& file,
                                       Index sample) const {
  return "line " +
         std::to_string(csv_line_of_sample(file.path, layout_of(file), options.missing, sample));
}

}  // namespace admmnet
