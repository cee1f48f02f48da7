/// NAME.progress.csv: how far the training has come several times a pass.
#pragma once

#include <string>

#include <mpi.h>

#include "runtime/rows_file.h"
#include "runtime/score.h"
#include "runtime/types.h"

namespace admmnet {

/// One look at the network between two steps of a pass, or at its end.
struct ProgressRecord {
  double pass = 0.0;     ///< passes done, parts counted: 2.5 in the middle of the third
  double seconds = 0.0;  ///< of training until then, over restarts
  double validation_score = 0.0;
  double train_loss = 0.0;  ///< mean of the pass so far
};

/// Passes done when `steps` of the `of` of the pass after `iterations` are. The same number
/// wherever it is computed.
inline double passes(Index iterations, Index steps, Index of) {
  return static_cast<double>(iterations) +
         (steps == 0 ? 0.0 : static_cast<double>(steps) / static_cast<double>(of));
}

/// Whether one of `looks` in a pass, as evenly spread as its steps allow, is after step `done` of
/// `of`: the last at its end, and after every step where there are more looks than steps.
inline bool look_is_due(Index looks, Index done, Index of) {
  const auto before = [&](Index step) {  // looks up to there; their product may leave Index
    return static_cast<Index>(static_cast<double>(looks) * static_cast<double>(step) /
                              static_cast<double>(of));
  };
  return before(done) > before(done - 1);
}

/// A RowsFile with the members of ProgressRecord as columns. A checkpoint holds no such rows: they
/// are those of the file that is there.
class ProgressFile {
 public:
  /// Keeps the rows of the file up to `position` (in passes; 0 for a run that begins) and drops the
  /// others, and all of a file with another head. `on`: whether rows will come; else there is no
  /// file where there was none. Throws IoFailure on every rank. Collective on comm.
  ProgressFile(MPI_Comm comm, const std::string& path, const Score& score, double position,
               bool on);

  void add(const ProgressRecord& record);

 private:
  RowsFile file_;
};

}  // namespace admmnet
