/// What is known after one iteration of a training run.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "runtime/score.h"
#include "runtime/types.h"

namespace admmnet {

/// A value that a method or a run does not have is NaN: "absent".
struct IterationRecord {
  static constexpr double absent = std::numeric_limits<double>::quiet_NaN();
  Index iteration = 0;              ///< 1 for the first pass over the data
  double objective = absent;        ///< of the whole training problem, penalties included
  double primal_residual = absent;  ///< the method's own measure of constraint violation
  double dual_residual = absent;    ///< its own measure of distance from a stationary point
  double lagrangian = absent;       ///< augmented, per training sample
  double train_loss = absent;       ///< mean loss of the forward pass on the training samples
  double train_score = absent;      ///< of the run's Score
  double validation_score = absent;
  double validation_loss = absent;
  double test_score = absent;  ///< of samples that decide nothing
  double test_loss = absent;
  double seconds = absent;  ///< wall time of this iteration
  double elapsed = absent;  ///< wall time of all iterations so far, over restarts
};

/// A member of IterationRecord under the name that files give it.
struct RecordColumn {
  std::string name;
  double IterationRecord::*member;
};

/// All members but `iteration`, in the order of the files; those of the test samples where they are
/// looked at, and the loss of the validation samples where it decides.
inline std::vector<RecordColumn> record_columns(const Score& score, bool test = false) {
  std::vector<RecordColumn> columns{
      {"objective", &IterationRecord::objective},
      {"primal_residual", &IterationRecord::primal_residual},
      {"dual_residual", &IterationRecord::dual_residual},
      {"lagrangian", &IterationRecord::lagrangian},
      {"train_loss", &IterationRecord::train_loss},
      {std::string("train_") + score.name, &IterationRecord::train_score},
      {std::string("validation_") + score.name, &IterationRecord::validation_score},
      {"seconds", &IterationRecord::seconds},
      {"elapsed", &IterationRecord::elapsed}};
  if (score.ranked_by_loss)
    columns.push_back({"validation_loss", &IterationRecord::validation_loss});
  if (test) {
    columns.push_back({std::string("test_") + score.name, &IterationRecord::test_score});
    columns.push_back({"test_loss", &IterationRecord::test_loss});
  }
  return columns;
}

}  // namespace admmnet
