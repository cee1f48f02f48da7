#include "runtime/metrics.h"

#include <cmath>
#include <cstdio>

#include "runtime/communicator.h"

namespace admmnet {

namespace {

struct Column {
  const char* name;
  double IterationRecord::*member;
};

/// The columns after the first, `iteration`.
constexpr Column columns[] = {
    {"objective", &IterationRecord::objective},
    {"primal_residual", &IterationRecord::primal_residual},
    {"train_loss", &IterationRecord::train_loss},
    {"train_accuracy", &IterationRecord::train_accuracy},
    {"validation_accuracy", &IterationRecord::validation_accuracy},
    {"seconds", &IterationRecord::seconds},
    {"elapsed", &IterationRecord::elapsed},
};

std::string head() {
  std::string text = "iteration";
  for (const Column& column : columns) text += std::string(",") + column.name;
  return text;
}

std::string row(const IterationRecord& record) {
  std::string text = std::to_string(record.iteration);
  for (const Column& column : columns) {
    const double value = record.*column.member;
    char cell[32] = "";
    if (!std::isnan(value)) std::snprintf(cell, sizeof cell, "%.17g", value);
    text += std::string(",") + cell;
  }
  return text;
}

}  // namespace

MetricsFile::MetricsFile(MPI_Comm comm, const std::string& path,
                         const std::vector<IterationRecord>& history) {
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    std::string text = head() + "\n";
    for (const IterationRecord& record : history) text += row(record) + "\n";
    write_text_atomically(path, text);
    file_ = LineWriter(path, LineWriter::Mode::append);
  });
}

void MetricsFile::add(const IterationRecord& record) {
  file_.write(row(record));
}

}  // namespace admmnet
