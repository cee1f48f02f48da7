#include "runtime/metrics.h"

#include <utility>

namespace admmnet {

namespace {

using Columns = std::vector<RecordColumn>;

std::string head(const Columns& columns) {
  std::string text = "iteration";
  for (const RecordColumn& column : columns) text += "," + column.name;
  return text;
}

std::vector<double> row(const IterationRecord& record, const Columns& columns) {
  std::vector<double> values{static_cast<double>(record.iteration)};
  for (const RecordColumn& column : columns) values.push_back(record.*column.member);
  return values;
}

}  // namespace

MetricsFile::MetricsFile(MPI_Comm comm, const std::string& path,
                         const std::vector<IterationRecord>& history, Columns columns)
    : columns_(std::move(columns)), file_(comm, path, head(columns_), [&] {
        std::string text;
        for (const IterationRecord& record : history) text += csv_row(row(record, columns_)) + "\n";
        return text;
      }) {}

void MetricsFile::add(const IterationRecord& record) {
  file_.add(row(record, columns_));
}

}  // namespace admmnet
