#include "runtime/metrics.h"

#include <cmath>
#include <cstdio>

#include "runtime/communicator.h"

namespace admmnet {

namespace {

using Columns = std::vector<RecordColumn>;

std::string head(const Columns& columns) {
  std::string text = "iteration";
  for (const RecordColumn& column : columns) text += "," + column.name;
  return text;
}

std::string row(const IterationRecord& record, const Columns& columns) {
  std::string text = std::to_string(record.iteration);
  for (const RecordColumn& column : columns) {
    const double value = record.*column.member;
    char cell[32] = "";
    if (!std::isnan(value)) std::snprintf(cell, sizeof cell, "%.17g", value);
    text += std::string(",") + cell;
  }
  return text;
}

}  // namespace

MetricsFile::MetricsFile(MPI_Comm comm, const std::string& path,
                         const std::vector<IterationRecord>& history, const Score& score)
    : columns_(record_columns(score)) {
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    std::string text = head(columns_) + "\n";
    for (const IterationRecord& record : history) text += row(record, columns_) + "\n";
    write_text_atomically(path, text);
    file_ = LineWriter(path, LineWriter::Mode::append);
  });
}

void MetricsFile::add(const IterationRecord& record) {
  file_.write(row(record, columns_));
}

}  // namespace admmnet
