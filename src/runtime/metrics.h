/// NAME.metrics.csv: a row an iteration, for plotting.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/iteration_record.h"
#include "runtime/rows_file.h"

namespace admmnet {

/// A RowsFile with `iteration` and these members of IterationRecord as columns.
class MetricsFile {
 public:
  /// Holds just these rows (none for a fresh run): a restart gives the history of its checkpoint.
  /// Throws IoFailure on every rank. Collective on comm.
  MetricsFile(MPI_Comm comm, const std::string& path,
              const std::vector<IterationRecord>& history = {},
              std::vector<RecordColumn> columns = record_columns(accuracy_score));

  void add(const IterationRecord& record);

 private:
  std::vector<RecordColumn> columns_;
  RowsFile file_;
};

}  // namespace admmnet
