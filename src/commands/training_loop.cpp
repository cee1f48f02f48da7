#include "commands/training_loop.h"

#include <chrono>
#include <limits>
#include <utility>

#include <petscsys.h>

#include "commands/beginning.h"
#include "commands/formatted.h"
#include "commands/report.h"
#include "commands/spectrum_monitor.h"
#include "commands/topology.h"
#include "runtime/heartbeat.h"
#include "runtime/metrics.h"
#include "runtime/monitor.h"
#include "runtime/progress_file.h"

namespace admmnet {
namespace {

/// Bytes a second that the first checkpoint is expected to be written with, at least.
constexpr double kSlowDisk = 2e8;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double flops_of_this_rank() {
  PetscLogDouble flops = 0.0;
  PetscGetFlops(&flops);
  return flops;
}

const Score& score_of(const TrainingRun& run) {
  return run.method.network().objective().score();
}

std::vector<RecordColumn> columns_of(const TrainingRun& run) {
  return record_columns(score_of(run), run.options.train.monitor_test);
}

bool has_dual_residual(const Options& options) {
  return method_named(options.train.method).has_dual_residual(options);
}

/// "primal residual 9.1e-04, at most 0.001 asked for", and the same of the dual one.
std::string residuals_text(const IterationRecord& record, const TrainOptions& asked) {
  std::string text;
  const auto add = [&](const char* name, double residual, double tolerance) {
    if (tolerance <= 0.0) return;
    text += std::string(text.empty() ? "" : "; ") + name +
            formatted(" residual %.3e, at most %.3g asked for", residual, tolerance);
  };
  add("primal", record.primal_residual, asked.tolerance_primal);
  add("dual", record.dual_residual, asked.tolerance_dual);
  return text;
}

StopRules stop_rules(const TrainingRun& run) {
  const Options& options = run.options;
  StopRules rules;
  rules.score = score_of(run);
  rules.iterations = options.train.iterations.value();
  rules.pause = options.train.pause_after;
  rules.tolerance = options.train.tolerance;
  rules.primal = options.train.tolerance_primal;
  rules.dual = options.train.tolerance_dual;
  rules.patience = options.train.patience;
  if (options.train.target_accuracy > 0.0) rules.target = options.train.target_accuracy;
  rules.max_walltime = options.run.max_walltime;
  rules.checkpoint_iterations = options.ckpt.every_iterations;
  rules.checkpoint_seconds = 60.0 * options.ckpt.every_minutes;
  return rules;
}

class Loop {
 public:
  explicit Loop(TrainingRun& run)
      : run_(run),
        stop_(stop_rules(run)),
        monitor_(run.log, run.options.train.iterations.value(), score_of(run), seconds_since_start,
                 has_dual_residual(run.options)),
        metrics_(run.comm, output_path(run.options.run, ".metrics.csv"), run.history,
                 columns_of(run)),
        progress_(run.comm, output_path(run.options.run, ".progress.csv"), score_of(run),
                  run.progress_kept, run.options.train.progress > 0),
        spectrum_(run.comm, output_path(run.options.run, ".spectrum.csv"),
                  run.options.train.monitor_spectrum, run.method.network(), run.data.train,
                  run.progress_kept) {
    result_.calibration = calibration_of(run.contents.network);
    stop_.resume(run.history);
    stop_.expect_checkpoint(run.checkpoint_bytes / kSlowDisk);
    result_.iterations = run.history.empty() ? 0 : run.history.back().iteration;
    result_.steps = first_step_ = run.steps;
  }

  LoopResult run_to_the_end() {
    // A pass that was stopped in its middle is finished in any case: only its end is a result.
    const Index budget = run_.options.train.iterations.value();
    const Index pause = run_.options.train.pause_after;
    const bool paused = pause > 0 && result_.iterations >= pause && result_.iterations < budget;
    if (result_.steps == 0 && paused) {
      result_.reason = StopReason::pause;
    } else if (result_.steps > 0 || result_.iterations < budget) {
      const PhaseMeter meter(run_.timers, run_.comm);
      Requests todo;
      do {
        const bool resumable = step();
        todo = stop_.agree(run_.comm, resumable);
        if (todo.checkpoint && !todo.stop) checkpoint(StopReason::none);
      } while (!todo.stop);
      result_.phases = meter.means(result_.passes_here);
      result_.reason = todo.reason;
      if (todo.stop_now) return result_;
      if (todo.reason == StopReason::residuals)
        run_.log.line(residuals_text(run_.history.back(), run_.options.train));
      result_.flops += sum_over(run_.comm, pass_flops_);
      if (todo.reason == StopReason::target && result_.steps > 0) keep_between_steps();
    }
    if (ends_the_run(result_.reason)) calibrate();
    checkpoint(result_.reason);
    return result_;
  }

 private:
  /// Whether a checkpoint can be taken now.
  bool step() {
    const Clock::time_point begin = Clock::now();
    const double flops = flops_of_this_rank();
    const Index k = result_.iterations + 1;
    heartbeat_step(k, result_.steps + 1, steps_of_pass_);
    StepReport report = run_.method.step(k);
    result_.notes += static_cast<Index>(report.notes.size());
    for (const std::string& note : report.notes) run_.log.line("note: " + note);
    for (const std::string& remark : report.remarks) run_.log.line(remark);
    for (const std::string& warning : report.warnings) run_.log.warning(warning);
    pass_flops_ += flops_of_this_rank() - flops;
    result_.passes_here = passes_here_ + static_cast<double>(report.done - first_step_) /
                                             static_cast<double>(report.of);
    result_.steps = report.done;
    steps_of_pass_ = report.of;
    IterationRecord record;
    ProgressRecord look;
    const bool looks = !report.pass && report.resumable &&
                       look_is_due(run_.options.train.progress, report.done, report.of);
    if (report.pass)
      record = evaluated(k, *report.pass);
    else if (looks)
      look.validation_score = look_at_validation().score;
    const double seconds = max_over(run_.comm, seconds_since(begin));
    run_.pass_seconds += seconds;
    result_.seconds += seconds;
    stretch_ += seconds;
    if (report.resumable) stop_.record_step(std::exchange(stretch_, 0.0));
    if (report.pass)
      end_pass(record);
    else
      monitor_.progress(k, report.done, report.of, report.loss);
    if (looks) end_look(report, look);
    return report.resumable;
  }

  IterationRecord evaluated(Index k, const IterationReport& report) {
    IterationRecord record;
    record.iteration = k;
    record.objective = report.objective;
    record.primal_residual = report.primal_residual;
    record.dual_residual = report.dual_residual;
    record.lagrangian = report.lagrangian;
    record.train_loss = report.train.loss;
    record.train_score = report.train.score;
    if (run_.data.validation.samples > 0) {
      const Metrics validation = look_at_validation();
      record.validation_score = validation.score;
      record.validation_loss = validation.loss;
    }
    if (run_.options.train.monitor_test) look_at_test_samples(record);
    look_at_spectra(k);
    keep(record);
    return record;
  }

  Metrics look_at_validation() {
    const auto timing = run_.timers.time(run_.timers.phase("validation"));
    return evaluate(run_.method.network(), run_.data.validation);
  }

  void look_at_spectra(Index k) {
    if (!spectrum_.due(k)) return;
    const auto timing = run_.timers.time(run_.timers.phase("spectra"));
    spectra_ = layer_spectra(run_.method.network(), run_.data.train);
  }

  void look_at_test_samples(IterationRecord& record) {
    const auto timing = run_.timers.time(run_.timers.phase("test samples"));
    const Metrics metrics = evaluate(run_.method.network(), run_.data.test);
    if (metrics.samples == 0) return;  // none, or none with a label
    record.test_score = metrics.score;
    record.test_loss = metrics.loss;
  }

  void end_pass(IterationRecord& record) {
    record.elapsed = run_.seconds();
    record.seconds = std::exchange(run_.pass_seconds, 0.0);
    result_.iterations = record.iteration;
    result_.steps = first_step_ = 0;
    passes_here_ = result_.passes_here;
    result_.flops += sum_over(run_.comm, std::exchange(pass_flops_, 0.0));
    monitor_.print(record);
    if (!spectra_.empty()) spectrum_.add(record.iteration, std::exchange(spectra_, {}), run_.log);
    metrics_.add(record);
    progress_.add({static_cast<double>(record.iteration), record.elapsed, record.validation_score,
                   record.train_loss});
    run_.history.push_back(record);
    stop_.record_iteration(record);
  }

  void end_look(const StepReport& report, ProgressRecord look) {
    look.pass = passes(result_.iterations, report.done, report.of);
    look.seconds = run_.seconds();
    look.train_loss = report.loss;
    progress_.add(look);
    stop_.record_look(look.validation_score);
    look_ = look;
  }

  /// That of the look which has ended the run, where there is none better.
  void keep_between_steps() {
    const double score = run_.options.train.keep_best
                             ? score_of(run_).rank(look_.validation_score, IterationRecord::absent)
                             : look_.pass;
    run_.best.offer(run_.method.network(), result_.iterations + 1, score);
  }

  /// The network to deliver: the best on validation samples (by the loss where there are none), or
  /// simply the newest.
  void keep(const IterationRecord& record) {
    double score = static_cast<double>(record.iteration);
    if (run_.options.train.keep_best)
      score = run_.data.validation.samples > 0
                  ? score_of(run_).rank(record.validation_score, record.validation_loss)
                  : -record.train_loss;
    run_.best.offer(run_.method.network(), record.iteration, score);
  }

  void calibrate() {
    const auto timing = run_.timers.time(run_.timers.phase("final evaluation"));
    run_.best.follow(run_.method.network());
    result_.calibration = fit_calibration(run_.best.network(), run_.data.validation);
  }

  void checkpoint(StopReason reason) {
    const auto timing = run_.timers.time(run_.timers.phase("checkpoint"));
    run_.best.follow(run_.method.network());
    CheckpointContents contents = run_.contents;
    contents.iteration = result_.iterations;
    contents.steps = result_.steps;
    contents.steps_of_pass = result_.steps > 0 ? steps_of_pass_ : 0;
    contents.finished = result_.steps == 0 && reason != StopReason::none && ends_the_run(reason);
    contents.stop_reason = reason == StopReason::none ? "" : name_of(reason);
    contents.network.temperature = result_.calibration.temperature;
    contents.history = history_columns(run_.history, columns_of(run_));
    contents.state = run_.state();
    const WriteStatus status = run_.store.write(contents, run_.options.ckpt.keep);
    stop_.record_checkpoint(status.seconds);
    if (status.ok) {
      result_.checkpoint = status.path;
      char text[96];
      std::snprintf(text, sizeof text, " (%.1f MiB in %.2f s)",
                    static_cast<double>(status.bytes) / 1048576.0, status.seconds);
      run_.log.line("checkpoint: " + status.path + text);
    }
    if (!status.message.empty())
      run_.log.warning("checkpoint of iteration " + contents.progress() + ": " + status.message);
    result_.checkpoint_failed = !status.ok;
  }

  TrainingRun& run_;
  StopMonitor stop_;
  Monitor monitor_;
  MetricsFile metrics_;
  ProgressFile progress_;
  SpectrumMonitor spectrum_;
  std::vector<MatrixSpectrum> spectra_;  // of this pass, where a look was due
  ProgressRecord look_;                  // the newest in the middle of a pass
  LoopResult result_;
  Index steps_of_pass_ = 0;   // 0: not known yet
  Index first_step_ = 0;      // that this process has not done of the pass
  double passes_here_ = 0.0;  // before this pass
  double stretch_ = 0.0;      // seconds since the last point that can be resumed from
  double pass_flops_ = 0.0;   // of this rank, of the pass so far
};

}  // namespace

StateView TrainingRun::state() {
  StateView state = method.state();
  best.append_state(state);
  constexpr double longest = std::numeric_limits<double>::max();
  state.scalars.push_back(
      {"loop/pass_seconds", &pass_seconds, nullptr, 0.0, longest, StateScalar::Presence::optional});
  return state;
}

LoopResult train_until_stopped(TrainingRun& run) {
  return Loop(run).run_to_the_end();
}

}  // namespace admmnet
