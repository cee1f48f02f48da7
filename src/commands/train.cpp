#include <algorithm>

#include <nlohmann/json.hpp>

#include "checkpoint/faults.h"
#include "commands/beginning.h"
#include "commands/commands.h"
#include "commands/input_components.h"
#include "commands/plan.h"
#include "commands/report.h"
#include "commands/topology.h"
#include "commands/training_loop.h"
#include "config/config.h"
#include "data/components.h"
#include "data/dataset.h"
#include "data/storage.h"
#include "linalg/products.h"
#include "methods/anderson.h"
#include "network/component_start.h"
#include "network/data_biases.h"
#include "network/receptive_fields.h"
#include "runtime/build_info.h"
#include "runtime/communication_counter.h"
#include "runtime/files.h"
#include "runtime/heartbeat.h"
#include "runtime/machine.h"
#include "runtime/progress_file.h"

namespace admmnet {
namespace {

/// Rank 0's choice for all: on mixed processors a prediction may round in another way.
void agree_on(Plan& plan, MPI_Comm comm) {
  Index choice[4] = {plan.rows, plan.cols, plan.unit_block, static_cast<Index>(plan.way)};
  ADMMNET_MPI(MPI_Bcast(choice, 4, MPI_INT64_T, 0, comm));
  plan.rows = static_cast<int>(choice[0]);
  plan.cols = static_cast<int>(choice[1]);
  plan.unit_block = choice[2];
  plan.way = static_cast<std::size_t>(choice[3]);
}

PanelLayout panel_layout(const Options& options, const Plan& plan) {
  PanelLayout layout;
  layout.unit_block = plan.unit_block;
  layout.bias = options.net.bias;
  layout.train_bounds =
      method_named(options.train.method).panel_bounds(options, plan.problem().samples, plan.cols);
  Index widest = 1;
  for (std::size_t p = 1; p < layout.train_bounds.size(); ++p)
    widest = std::max(widest, layout.train_bounds[p] - layout.train_bounds[p - 1]);
  layout.evaluation_columns = widest;
  layout.in_float = options.linalg.precision == Precision::single;
  return layout;
}

/// Weights for a start without checkpoint; true when they are those of another run, output layer
/// too.
bool initialise(const Options& options, const Dataset& data, Network& network, Log& log) {
  const double deviation = options.init.deviation.value_or(1.0);
  network.initialise(options.init.scheme, options.init.seed, deviation);
  if (data.preprocessing.has_components())
    initialise_in_components(network, data, options.init.scheme, options.init.seed, deviation);
  else if (options.init.scheme == InitScheme::receptive_fields)
    initialise_receptive_fields(network, data, options.init.seed);
  if (options.init.bias == InitBias::data)
    initialise_biases_from_data(network, data.train, options.init.seed);
  if (options.run.warm_start.empty()) return false;
  return load_warm_start(options.run.warm_start, data.shape, data.preprocessing, network, log);
}

void log_score_before(const Network& network, const Dataset& data, Log& log) {
  const SampleSet& set = data.validation.samples > 0 ? data.validation : data.train;
  const Metrics metrics = evaluate(network, set);
  const Score& score = network.objective().score();
  log.value(std::string(data.validation.samples > 0 ? "validation " : "train ") + score.name +
                " before iteration 1",
            score.text(metrics.score, 4));
}

/// A signal that came before the first iteration: nothing is lost by going at once, and waiting for
/// an iteration could take longer than a batch system allows.
ExitCode leave_before_training(Log& log) {
  log.line("stopped by a signal before the first iteration; the same command goes on");
  log.value("stop reason", std::string(name_of(StopReason::signal)));
  return exit_code_of(StopReason::signal);
}

/// Of a run that is finished.
LoopResult end_of(const CheckpointContents& contents) {
  LoopResult end;
  end.reason = stop_reason_named(contents.stop_reason);
  if (end.reason == StopReason::none) end.reason = StopReason::budget;
  end.iterations = contents.iteration;
  end.steps = contents.steps;
  end.calibration = calibration_of(contents.network);
  return end;
}

void log_finished(const CheckpointContents& contents, Log& log) {
  const bool target = contents.stop_reason == name_of(StopReason::target);
  const bool pause = contents.stop_reason == name_of(StopReason::pause);
  log.line("this run " + std::string(pause ? "waits (" : "is finished (") + contents.stop_reason +
           " after " +
           (contents.steps > 0 ? "iteration " + contents.progress()
                               : std::to_string(contents.iteration) + " iterations") +
           "): raise " + (target ? "-train_target_accuracy or " : "") +
           (pause ? "-train_pause_after" : "-train_iterations") + " to go on");
}

/// Everything from here on is done by the ranks of the grid.
class Training {
 public:
  /// `options` are resolved; `learned`: the components of a run that begins with some.
  Training(const Options& options, const DataShape& shape, const Plan& plan,
           std::optional<Preprocessing> learned, const ProcessGrid& grid, double memory_at_start,
           Timers timers)
      : options_(options),
        method_(method_named(options.train.method)),
        shape_(shape),
        topology_(plan.problem().topology),
        plan_(plan),
        components_(std::move(learned)),
        grid_(grid),
        comm_(grid.comm()),
        memory_at_start_(memory_at_start),
        lock_(options.run.outdir, options.run.name, comm_),
        log_(comm_, output_path(options.run, ".log"), LineWriter::Mode::append),
        store_(options.run.outdir, options.run.name, comm_, &lock_),
        timers_(std::move(timers)) {}

  ExitCode run() {
    // 1. the head of the log
    log_head(options_, shape_, topology_, plan_, comm_, log_);
    for (const std::string& note : options_.notes) log_.line("note: " + note);
    if (!lock_.taken_over().empty()) log_.warning(lock_.taken_over());
    if (const std::string fault = armed_fault(); !fault.empty())
      log_.warning("fault injection is armed: " + fault);
    for (const std::string& path : store_.remove_leftovers()) log_.line("removed: " + path);

    // 2. where to begin
    std::optional<CheckpointFile> beginning = find_beginning(options_, store_, comm_, log_);
    options_.data.scaling =
        scaling_of_run(options_.data, beginning ? &beginning->contents() : nullptr);
    if (beginning) check_same_problem(beginning->contents(), options_, log_);
    const bool finished = beginning && nothing_left_to_do(beginning->contents(), options_);
    if (finished && result_is_of(beginning->contents().position())) {
      settle(*beginning);
      log_finished(beginning->contents(), log_);
      return ExitCode::finished;
    }

    if (stop_was_requested(comm_)) return leave_before_training(log_);

    // 3. the samples of each rank
    const HoldOut how = hold_out_of_run(beginning ? &beginning->contents() : nullptr);
    if (how == HoldOut::of_all && shape_.validation > 0)
      log_.line(
          "note: an older version began this run; the samples that it held out stay held out");
    find_components(beginning);
    const Dataset data = load_data(how);
    components_.reset();  // data.preprocessing has them
    for (const std::string& note : data.notes) log_.line("note: " + note);
    for (const std::string& warning : data.warnings) log_.warning(warning);
    log_.value("storage of inputs", storage_text(options_.data, shape_));
    log_.value("scaling", name_of(*options_.data.scaling));
    log_.value("components", components_text(data.preprocessing));
    const auto notes = data_notes(data, *options_.data.storage, how, grid_);
    if (beginning) check_same_data(beginning->contents(), notes, log_);
    write_used_deck();

    // 4. the method and its state
    const auto method = make_method(method_, plan_.problem(), options_,
                                    {grid_, plan_.unit_block, data.train, plan_.way, timers_,
                                     data.validation.samples > 0 ? &data.validation : nullptr});
    log_.section("method");
    log_.value("method", options_.train.method);
    for (const auto& [name, value] : method_.describe(plan_.problem(), options_))
      log_.value(name, value);
    if (options_.train.acceleration == Acceleration::anderson)
      log_.value("acceleration",
                 "Anderson, memory " + std::to_string(options_.train.anderson_memory) + " passes");
    for (const auto& [key, value] : plan_.costs().choices()) log_.value(key, value);
    BestIterate best(method->network());
    TrainingRun run{options_, data, *method, best, store_, {}, {}, timers_, log_, comm_};
    run.checkpoint_bytes = plan_.choice.best.cost.checkpoint_bytes;
    run.contents.program = "admmnet " + build_info().version;
    run.contents.deck = used_yaml(options_);
    run.contents.network = describe_network(topology_, shape_, data.preprocessing);
    run.contents.notes = notes;
    LoopResult loop;
    if (finished) loop = end_of(beginning->contents());
    if (beginning)
      if (const std::string from = restarted_from(options_.run, *beginning); !from.empty())
        run.contents.notes[note_restarted_from] = from;
    begin(beginning, data, run);
    beginning.reset();
    if (!finished && stop_was_requested(comm_)) return leave_before_training(log_);

    // 5. iterate
    log_.section("iterations");
    if (!finished) loop = train_until_stopped(run);
    if (loop.reason == StopReason::signal_now) return exit_code_of(loop.reason);

    // 6. the result
    report(loop, data, run);
    if (loop.checkpoint_failed)
      throw IoFailure("the final checkpoint could not be written (see the warning in " +
                      output_path(options_.run, ".log") + "): free space or mend " +
                      options_.run.outdir +
                      ", then run again; training goes on from the last "
                      "checkpoint there");
    return exit_code_of(loop.reason);
  }

 private:
  /// Whether the summary is that of the run's end, and the predictions asked for are there: a run
  /// that was killed before has none, or that of an earlier end.
  bool result_is_of(Position end) {
    const std::string path = output_path(options_.run, ".summary.json");
    bool found = false;
    collectively(comm_, [&] {
      if (grid_.rank() != 0 || !file_exists(path)) return;
      try {
        const auto summary = nlohmann::json::parse(read_text(path), nullptr, false);
        found = summary.is_object() && summary.contains("iterations") &&
                summary["iterations"].is_number_integer() &&
                summary["iterations"] == end.iteration &&
                summary.value<nlohmann::json>("steps_of_next", 0) == end.steps;
        if (options_.run.predictions && shape_.test > 0)
          found = found && file_exists(output_path(options_.run, ".test.csv"));
      } catch (const IoFailure& error) {  // whatever it is, it is not the summary of this run
        log_.warning(std::string("not used: ") + error.what());
      }
    });
    return max_over(comm_, found ? 1.0 : 0.0) > 0.0;
  }

  /// What a run that was killed before it could tidy up has left undone.
  void settle(const CheckpointFile& beginning) {
    const Position position = beginning.contents().position();
    if (beginning.path() != store_.path_of(position)) return;  // another run's
    const std::string failure = store_.settle(position, options_.ckpt.keep);
    if (!failure.empty()) log_.warning(failure);
  }

  /// Those of the checkpoint, so that the run goes on bit by bit as it would have.
  void find_components(const std::optional<CheckpointFile>& beginning) {
    if (!has_components(options_.data)) return;
    if (!beginning) {
      if (!components_) components_ = learn_components(options_, shape_, timers_, comm_);
      return;
    }
    components_ = preprocessing_of(beginning->contents().network);
    if (!components_->has_components() || components_->inputs() != topology_.width(0))
      throw IoFailure(beginning->path() + " is not a usable checkpoint: its deck says " +
                      std::to_string(topology_.width(0)) + " components, /network " +
                      components_text(*components_));
  }

  Dataset load_data(HoldOut how) {
    const auto timing = timers_.time(timers_.phase("read data"));
    return load(options_.data, shape_, options_.init.seed, grid_, panel_layout(options_, plan_),
                how, components_ ? &*components_ : nullptr);
  }

  void write_used_deck() const {
    collectively(comm_, [&] {
      if (grid_.rank() == 0)
        write_text_atomically(
            output_path(options_.run, ".used.yaml"),
            used_yaml(options_, "admmnet " + build_info().version, choices_here(options_, plan_)));
    });
  }

  void begin(const std::optional<CheckpointFile>& beginning, const Dataset& data,
             TrainingRun& run) {
    const auto timing = timers_.time(timers_.phase("initialise"));
    if (beginning) {
      beginning->load_state(run.state());
      run.method.resume();
      run.history =
          history_records(beginning->contents(), run.method.network().objective().score());
      run.steps = beginning->contents().steps;
      const Index done = beginning->contents().iteration + (run.steps > 0 ? 1 : 0);
      if (run.best.iteration() > done)
        throw IoFailure(beginning->path() +
                        " is not a usable checkpoint: the data set /state/best/iteration is " +
                        std::to_string(run.best.iteration()) + "; expected 0 to " +
                        std::to_string(done) + ", the iteration of the checkpoint");
      if (beginning->path() == store_.path_of(beginning->contents().position()))
        run.progress_kept =
            passes(beginning->contents().iteration, run.steps, beginning->contents().steps_of_pass);
      log_.value("continues after iteration", beginning->contents().progress());
      const auto newer = store_.set_aside_newer(beginning->contents().position());
      for (const std::string& path : newer) log_.line("set aside: " + path + " (now .superseded)");
      settle(*beginning);
      return;
    }
    Network initial(grid_, topology_, plan_.unit_block);
    const bool trained = initialise(options_, data, initial, log_);
    run.method.start(initial, trained);
    if (!options_.run.warm_start.empty()) log_score_before(run.method.network(), data, log_);
  }

  void report(const LoopResult& loop, const Dataset& data, const TrainingRun& run) {
    RunResult result;
    {
      const auto timing = timers_.time(timers_.phase("final evaluation"));
      const Network& network = run.best.network();
      // Who is stopped in the middle of a pass is in a hurry.
      if (loop.steps == 0 || exit_code_of(loop.reason) == ExitCode::finished) {
        result.train = evaluate(network, data.train, loop.calibration);
        result.validation = evaluate(network, data.validation, loop.calibration);
        result.test = predict_test(options_, shape_, data.test, network, loop.calibration, log_);
      }
    }
    result.score = run.best.network().objective().score();
    result.stop_reason = name_of(loop.reason);
    result.iterations = loop.iterations;
    if (loop.reason == StopReason::target) result.seconds_to_target = run.seconds();
    result.best_iteration = run.best.iteration();
    result.calibration = loop.calibration;
    result.history = run.history;
    result.flops = loop.flops;
    result.iteration_seconds = loop.seconds;
    result.steps = loop.steps;
    result.passes_here = loop.passes_here;
    result.phases = loop.phases;
    result.fallbacks = loop.notes;
    result.checkpoint = loop.checkpoint;
    result.memory_at_start = memory_at_start_;
    report_result(options_, plan_, shape_, result, timers_, comm_, log_);
  }

  Options options_;
  const MethodKind& method_;
  const DataShape& shape_;
  const Topology& topology_;
  const Plan& plan_;
  std::optional<Preprocessing> components_;  // and the scaling before them
  ProcessGrid grid_;
  MPI_Comm comm_;
  double memory_at_start_;
  RunLock lock_;
  Log log_;
  CheckpointStore store_;
  Timers timers_;
};

}  // namespace

ExitCode run_train(const Options& asked, MPI_Comm comm) {
  const double memory_at_start = peak_memory_bytes();
  Timers timers;
  Options options = asked;
  if (stop_was_requested(comm)) {  // while MPI was starting
    Log log(comm);
    return leave_before_training(log);
  }
  const Watchdog watchdog(options.run.stall_minutes, comm);
  if (options.run.count_communication) start_counting_communication(comm);
  set_product_precision(options.linalg.precision);
  const DataShape shape = probe(options.data, comm);
  if (shape.targets > 0) options = as_regression(options, Command::train, size_of(comm));
  const std::optional<CheckpointContents> of_run = run_to_go_on_with(options, comm);
  if (of_run) take_choices(*of_run, options);
  std::optional<Preprocessing> learned;
  if (!of_run || are_open(options.data.components))
    learned = learn_components(options, shape, timers, comm);
  const ProblemSize problem = resolve(shape, options);
  Plan plan = make_plan(options, problem, size_of(comm), free_memory_per_rank(comm));
  agree_on(plan, comm);
  const ProcessGrid grid(comm, plan.rows, plan.cols);
  if (!grid.contains_this_rank()) return ExitCode::finished;  // left over: the others do the work
  collectively(grid.comm(), [&] {
    if (grid.rank() == 0) make_directory(options.run.outdir);
  });
  return Training(options, shape, plan, std::move(learned), grid, memory_at_start,
                  std::move(timers))
      .run();
}

}  // namespace admmnet
