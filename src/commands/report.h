/// What a training run says about itself: head of the log, and NAME.summary.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/plan.h"
#include "config/options.h"
#include "network/prediction.h"
#include "runtime/iteration_record.h"
#include "runtime/log.h"
#include "runtime/phase_means.h"
#include "runtime/timers.h"

namespace admmnet {

/// Program, libraries, machine, data, network, grid. Collective on comm.
void log_head(const Options& options, const DataShape& shape, const Topology& topology,
              const Plan& plan, MPI_Comm comm, Log& log);

/// Everything that the summary says besides what it measures itself.
struct RunResult {
  std::string stop_reason;
  Index iterations = 0;                     ///< done in all, over restarts
  Index steps = 0;                          ///< done of the next one: it was stopped in the middle
  std::optional<double> seconds_to_target;  ///< of training, until it was reached
  Index best_iteration = 0;                 ///< 0: the last one was kept
  Score score = accuracy_score;             ///< what the metrics' scores are
  Metrics train, validation;
  Prediction test;
  Calibration calibration;  ///< that the losses of the metrics went through
  std::vector<IterationRecord> history;
  double flops = 0.0;  ///< of the iterations of this process, all ranks
  double iteration_seconds = 0.0;
  double passes_here = 0.0;       ///< of this process, parts counted
  std::vector<PhaseMean> phases;  ///< of one of them
  Index fallbacks = 0;            ///< notes of the solvers and safeguards
  std::string checkpoint;         ///< path of the newest one
  double memory_at_start = 0.0;   ///< of this rank, bytes
};

/// What the network makes of the test samples; with -run_predictions also NAME.test.csv. Collective
/// on the network's grid.
Prediction predict_test(const Options& options, const DataShape& shape, const SampleSet& test,
                        const Network& network, const Calibration& calibration, Log& log);

/// Scores, confusion matrix, timing table and files into the log, and the summary file.
/// Collective.
void report_result(const Options& options, const Plan& plan, const DataShape& shape,
                   const RunResult& result, const Timers& timers, MPI_Comm comm, Log& log);

/// Of the iterations beside dgemm, both in GF/s a rank; why, where they seem to be faster.
std::string speed_text(double rate, double dgemm);

/// "y  R^2 0.987", and of several targets each with its error. `of`: "test ".
void log_target_errors(const std::vector<TargetError>& errors,
                       const std::vector<std::string>& names, const std::string& of, Log& log);

/// NAME.log, NAME.metrics.csv, ... in the output folder.
std::string output_path(const RunOptions& run, const std::string& suffix);

}  // namespace admmnet
