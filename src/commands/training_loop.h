/// The loop around iterations: monitor, best iterate, stop conditions, checkpoints.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checkpoint/store.h"
#include "config/options.h"
#include "data/dataset.h"
#include "methods/method.h"
#include "network/best_iterate.h"
#include "runtime/iteration_record.h"
#include "runtime/log.h"
#include "runtime/phase_means.h"
#include "runtime/stop.h"
#include "runtime/timers.h"

namespace admmnet {

/// What the loop works on; everything must outlive it.
struct TrainingRun {
  const Options& options;
  const Dataset& data;
  TrainingMethod& method;
  BestIterate& best;
  const CheckpointStore& store;
  CheckpointContents contents;           ///< what every checkpoint says; the loop adds the rest
  std::vector<IterationRecord> history;  ///< of earlier parts of the run, and of this one
  Timers& timers;
  Log& log;
  MPI_Comm comm;
};

struct LoopResult {
  StopReason reason = StopReason::budget;
  Index iterations = 0;            ///< done in all
  Index iterations_here = 0;       ///< by this process
  double seconds = 0.0;            ///< of the iterations of this process
  double flops = 0.0;              ///< of the same, over all ranks
  std::vector<PhaseMean> phases;   ///< of an iteration of this process
  Index notes = 0;                 ///< fallbacks and rejections
  std::string checkpoint;          ///< newest one written
  bool checkpoint_failed = false;  ///< the final one
};

/// Iterates from history.size() + 1 on until a stop condition holds, and writes the final
/// checkpoint unless a second SIGTERM asks to leave at once. Collective.
LoopResult train_until_stopped(TrainingRun& run);

}  // namespace admmnet
