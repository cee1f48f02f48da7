/// NAME.metrics.csv: a row an iteration, for plotting.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/files.h"
#include "runtime/iteration_record.h"

namespace admmnet {

/// Comma-separated, decimal point, the members of IterationRecord as columns (record_columns); 17
/// digits, so that reading gives back the same numbers; an absent value is an empty cell. Rank 0
/// writes, each row at once; a disk that fills up later costs one warning and no more. Only making
/// it is collective.
class MetricsFile {
 public:
  /// A file that holds just these rows (none for a fresh run), written in one stroke; add() goes on
  /// from there. A restart gives the history of its checkpoint. Replaces what is there. Throws
  /// IoFailure on every rank. Collective on comm.
  MetricsFile(MPI_Comm comm, const std::string& path,
              const std::vector<IterationRecord>& history = {},
              const Score& score = accuracy_score);

  void add(const IterationRecord& record);

 private:
  std::vector<RecordColumn> columns_;
  LineWriter file_;
};

}  // namespace admmnet
