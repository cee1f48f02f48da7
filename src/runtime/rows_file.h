/// A file of numbers under a head that grows by a row now and then, for plotting.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/files.h"

namespace admmnet {

/// Comma-separated, decimal point; 17 digits, so that reading gives back the same numbers; an
/// absent value (NaN) is an empty cell. Without an end of line.
std::string csv_row(const std::vector<double>& values);

/// Rank 0 writes, each row at once; a disk that fills up later costs one warning and no more. Only
/// making it is collective.
class RowsFile {
 public:
  RowsFile() = default;  ///< no file: add() does nothing
  /// A file of the head and of `rows()`, whole lines, which rank 0 alone is asked for; written in
  /// one stroke in the place of what is there. add() goes on from there. Throws IoFailure on every
  /// rank. Collective on comm.
  RowsFile(MPI_Comm comm, const std::string& path, const std::string& head,
           const std::function<std::string()>& rows);

  /// Keeps the rows of the file, under the same head, whose first number is at most `position` (0:
  /// of a file that begins, none) and drops the others. `on`: whether rows will come; else there is
  /// no file where there was none, and add() does nothing. Throws IoFailure on every rank.
  /// Collective on comm.
  static RowsFile continued(MPI_Comm comm, const std::string& path, const std::string& head,
                            double position, bool on);

  void add(const std::vector<double>& values) { file_.write(csv_row(values)); }

 private:
  LineWriter file_;
};

}  // namespace admmnet
