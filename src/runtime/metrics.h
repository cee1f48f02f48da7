/// NAME.metrics.csv: a row an iteration, for plotting.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/files.h"
#include "runtime/iteration_record.h"

namespace admmnet {

/// Comma-separated, decimal point, the members of IterationRecord as columns under their names; 17
/// digits, so that reading gives back the same numbers; an absent value is an empty cell. Rank 0
/// writes, each row at once; a disk that fills up later costs one warning and no more. Only making
/// it is collective.
class MetricsFile {
 public:
  /// A file that holds just these rows (none for a fresh run), written in one stroke; add() goes on
  /// from there. A restart gives the history of its checkpoint. Replaces what is there. Throws
  /// IoFailure on every rank. Collective on comm.
  MetricsFile(MPI_Comm comm, const std::string& path,
              const std::vector<IterationRecord>& history = {});

  /// For a restart after iteration `last` that has no history of its own: keeps the rows up to
  /// `last` of the file that is there, if any. Collective on comm.
  static MetricsFile continued(MPI_Comm comm, const std::string& path, Index last);

  void add(const IterationRecord& record);

 private:
  LineWriter file_;
};

/// The rows of a metrics file in the order of their iterations. Columns are found by name, so that
/// files of other versions can be read; incomplete lines are left out and of two rows of one
/// iteration the later counts. Throws IoFailure when the file cannot be read or its first line is
/// not the head of such a file. Not collective.
std::vector<IterationRecord> read_metrics(const std::string& path);

}  // namespace admmnet
