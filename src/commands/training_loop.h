/// The loop around a method's steps: monitor, best iterate, stop conditions, checkpoints.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checkpoint/store.h"
#include "config/options.h"
#include "data/dataset.h"
#include "methods/method.h"
#include "network/best_iterate.h"
#include "network/calibration.h"
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
  double checkpoint_bytes = 0.0;  ///< expected size of one
  Index steps = 0;                ///< done of the pass after history's last, when it begins
  double pass_seconds = 0.0;      ///< of these steps
  double progress_kept = 0.0;     ///< up to there, in passes, the rows of NAME.progress.csv
                                  ///< and NAME.spectrum.csv hold

  /// Seconds of training so far, over restarts: of all steps, with their looks at samples.
  double seconds() const { return pass_seconds + (history.empty() ? 0.0 : history.back().elapsed); }

  /// The method's state, the best iterate's and the loop's own: what a checkpoint holds.
  StateView state();
};

struct LoopResult {
  StopReason reason = StopReason::budget;
  Index iterations = 0;            ///< done in all
  Index steps = 0;                 ///< done of the next one: it was stopped in the middle
  double passes_here = 0.0;        ///< by this process, parts counted
  double seconds = 0.0;            ///< of the steps of this process
  double flops = 0.0;              ///< of the same, over all ranks
  std::vector<PhaseMean> phases;   ///< of a pass of this process
  Index notes = 0;                 ///< fallbacks and rejections
  std::string checkpoint;          ///< newest one written
  bool checkpoint_failed = false;  ///< the final one
  Calibration calibration;         ///< of the network to deliver
};

/// Goes on from the step after `steps` of iteration history.size() + 1 until a stop condition
/// holds, and writes the final checkpoint unless a second SIGTERM asks to leave at once. Signals,
/// the wall-clock limit and the intervals of checkpoints are acted on after every step that the
/// method can be resumed from. There the network is finite, and the validation samples may be
/// looked at (-train_progress): where they reach -train_target_accuracy in the middle of a pass the
/// run ends, and the network to deliver is that one. At the end of a run, and not where it is only
/// interrupted, the temperature is fitted, which the final checkpoint holds. Collective.
LoopResult train_until_stopped(TrainingRun& run);

}  // namespace admmnet
