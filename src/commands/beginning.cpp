#include "commands/beginning.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>

#include "commands/first_layer.h"
#include "commands/input_components.h"
#include "commands/topology.h"
#include "config/config.h"
#include "config/schema.h"
#include "data/formats.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/stop.h"

namespace admmnet {
namespace {

std::string fresh_start_refused(const std::string& path) {
  return "-run_restart none would take the place of an earlier run (" + path +
         " is there): continue it with -run_restart auto, give -run_name or -run_outdir another "
         "value, or add -run_overwrite true";
}

/// Of a checkpoint's run and this one: changes that its continuation may have, and may not.
struct Changes {
  std::vector<std::string> allowed, forbidden;
};

Changes changes_between(const Options& before, const Options& after) {
  Changes changes;
  for (const OptionDifference& d : differences(before, after))
    (may_change(*find_key(d.key)) ? changes.allowed : changes.forbidden)
        .push_back("-" + d.key + ": " + d.before + " -> " + d.after);
  return changes;
}

/// What the checkpoints of a run that was begun from this file note.
std::string identity(const CheckpointFile& file) {
  return file.path() + " (iteration " + file.contents().progress() + ", written " +
         file.contents().origin.created_utc + ")";
}

/// What the newest checkpoint here says it was begun from; empty: nothing.
std::string noted_beginning(const CheckpointFile& file) {
  const auto note = file.contents().notes.find(note_restarted_from);
  return note == file.contents().notes.end() ? "" : note->second;
}

/// -run_restart FILE; see find_beginning.
CheckpointFile from_file(const RunOptions& run, const CheckpointStore& store, MPI_Comm comm,
                         Log& log) {
  CheckpointStore::Choice own;
  if (!run.overwrite) own = store.newest_valid();
  const std::string noted = own.file ? noted_beginning(*own.file) : "";
  const bool same_path = noted.rfind(run.restart + " (", 0) == 0;
  std::optional<CheckpointFile> named;
  std::string failure;
  try {
    named = CheckpointFile::open(run.restart, comm);
    named->require_network();
    named->verify();
  } catch (const IoFailure& error) {
    if (!same_path) throw;  // a file that the user names has no substitute
    failure = error.what();
    named.reset();
  }
  if (same_path && (!named || (noted == identity(*named) &&
                               own.file->contents().position() > named->contents().position()))) {
    if (!named) log.warning("not used: " + failure);
    for (const std::string& reason : own.refused) log.warning("not used: " + reason);
    log.value("restart", own.file->path());
    log.line("this run was begun from " + noted +
             " and has come further; add -run_overwrite true to begin there again");
    return std::move(*own.file);
  }
  log.value("restart", run.restart);
  return std::move(*named);
}

}  // namespace

std::string restarted_from(const RunOptions& run, const CheckpointFile& beginning) {
  return beginning.path() == run.restart ? identity(beginning) : noted_beginning(beginning);
}

static void set_all_aside(const CheckpointStore& store, Log& log) {
  for (const std::string& path : store.set_aside_newer(before_all))
    log.line("set aside: " + path + " (now .superseded)");
}

Options options_of(const CheckpointContents& contents) {
  try {
    const std::vector<std::string> given = deck_arguments(contents.deck, "deck of the checkpoint");
    Options options = parse_options(given);
    for (const Key& key : schema())
      if (!key.before.empty() && belongs(key, options) &&
          std::find(given.begin(), given.end(), "-" + key.name) == given.end())
        key.read(key.before, options);
    return options;
  } catch (const BadInput& error) {
    throw IoFailure(
        std::string("the checkpoint holds a deck that this version of the program cannot read; "
                    "begin anew with -run_restart none -run_overwrite true, or take its weights "
                    "with -run_warm_start:\n") +
        error.what());
  }
}

void take_choices(const Options& of_run, Options& options) {
  for (const Key& key : schema()) {
    bool of_problem = key.group() == "data" || key.group() == "linalg";
    of_problem |= key.group() == "net" || key.group() == "init" || key.group() == "train";
    for (const MethodKeys& method : method_keys()) of_problem |= key.group() == method.group.name;
    if (of_problem && !key.of_machine && belongs(key, options) && belongs(key, of_run) &&
        key.write(options) == "auto")
      key.read(key.write(of_run), options);
  }
}

void take_choices(const CheckpointContents& of_run, Options& options) {
  take_choices(options_of(of_run), options);
  take_components(of_run, options.data);
}

/// -run_restart auto -run_overwrite true: whether the run begins anew in the place of this one: it
/// is finished, or of another problem. One that was stopped in the middle goes on, so that a job
/// that is started again gets to its end. Says so in the log, where there is one.
static bool takes_place_of(const CheckpointContents& contents, Options options, Log* log) {
  const Options before = options_of(contents);
  take_choices(contents, options);
  const bool other = !changes_between(before, options).forbidden.empty();
  if (contents.ended() || other) {
    if (log != nullptr)
      log->line(std::string("-run_overwrite true: begins anew, the run that is here ") +
                (contents.ended() ? "is finished" : "has another problem"));
    return true;
  }
  if (log != nullptr)
    log->line(
        "-run_overwrite true: the run that is here is not finished and goes on; add "
        "-run_restart none to begin anew");
  return false;
}

/// Files that the run may go on from, in the order in which they are tried.
static std::vector<std::string> places_to_begin(const RunOptions& run, MPI_Comm comm) {
  std::vector<std::string> paths;
  if (run.restart != "auto") paths.push_back(run.restart);
  try {
    for (const auto& candidate : CheckpointStore(run.outdir, run.name, comm).candidates())
      paths.push_back(candidate.path);
  } catch (const Error& error) {  // no folder, mostly: it is made later
    if (error.code() != ExitCode::io_failure) throw;
  }
  return paths;
}

std::optional<CheckpointContents> run_to_go_on_with(const Options& options, MPI_Comm comm) {
  const RunOptions& run = options.run;
  if (run.restart == "none") return std::nullopt;
  for (const std::string& path : places_to_begin(run, comm)) {
    try {
      const CheckpointFile file = CheckpointFile::open(path, comm);
      if (run.restart == "auto" && run.overwrite &&
          takes_place_of(file.contents(), options, nullptr))
        return std::nullopt;
      options_of(file.contents());  // a deck that cannot be read is no beginning
      return file.contents();
    } catch (const Error& error) {
      if (error.code() != ExitCode::io_failure) throw;
    }
  }
  return std::nullopt;
}

std::optional<CheckpointFile> find_beginning(const Options& options, const CheckpointStore& store,
                                             MPI_Comm comm, Log& log) {
  const RunOptions& run = options.run;
  if (run.restart != "auto" && run.restart != "none") return from_file(run, store, comm, log);
  const auto candidates = store.candidates();
  if (run.restart == "none") {
    if (!candidates.empty() && !run.overwrite)
      throw BadInput(fresh_start_refused(candidates.front().path));
    set_all_aside(store, log);
    return std::nullopt;
  }
  CheckpointStore::Choice choice = store.newest_valid();
  for (const std::string& reason : choice.refused) log.warning("not used: " + reason);
  if (!choice.remark.empty()) log.line(choice.remark);
  if (choice.file && run.overwrite && takes_place_of(choice.file->contents(), options, &log)) {
    set_all_aside(store, log);
    return std::nullopt;
  }
  if (choice.file) {
    log.value("restart", choice.file->path());
    return std::move(choice.file);
  }
  if (!candidates.empty())
    throw IoFailure("none of the " + std::to_string(candidates.size()) + " checkpoint(s) of run " +
                    run.name + " in " + run.outdir + " is usable (" + choice.refused.front() +
                    "): restore one, or begin anew with -run_restart none -run_overwrite true");
  log.value("restart", std::string("no checkpoint found, fresh start"));
  return std::nullopt;
}

Scaling scaling_of_run(const DataOptions& options, const CheckpointContents* beginning) {
  if (options.scaling) return *options.scaling;
  const Scaling usual = usual_scaling(options);
  if (beginning == nullptr) return usual;
  return options_of(*beginning).data.scaling.value_or(usual);
}

void check_same_problem(const CheckpointContents& contents, const Options& options, Log& log) {
  Options before = options_of(contents);
  take_choices(options, before);  // an older version may have left some open
  const Changes changes = changes_between(before, options);
  for (const std::string& change : changes.allowed)
    log.line("changed since the checkpoint: " + change);
  if (changes.forbidden.empty()) return;
  std::string refused;
  for (const std::string& change : changes.forbidden) refused += "\n  " + change;
  throw BadInput("the checkpoint belongs to another problem; these keys may not change:" + refused +
                 "\ngive them the old values, or begin anew under another -run_name (weights can "
                 "be taken over with -run_warm_start)");
}

HoldOut hold_out_of_run(const CheckpointContents* beginning) {
  return beginning == nullptr || beginning->notes.count(note_split) > 0 ? HoldOut::of_each_class
                                                                        : HoldOut::of_all;
}

void check_same_data(const CheckpointContents& contents,
                     const std::map<std::string, std::string>& notes, Log& log) {
  for (const auto& [name, now] : notes) {
    const auto then = contents.notes.find(name);
    if (then == contents.notes.end())
      log.line("the checkpoint has no note " + name + ": that of the data is not compared");
    else if (then->second != now)
      throw BadInput("the data is not that of the checkpoint: " + name + " " + then->second +
                     " then, " + now + " now; check -data_dir, -data_train");
  }
}

bool nothing_left_to_do(const CheckpointContents& contents, const Options& options) {
  const Index pause = options.train.pause_after;
  if (contents.stop_reason == name_of(StopReason::pause))
    return pause > 0 && contents.iteration >= pause;
  if (!contents.ended()) return false;
  if (contents.iteration >= options.train.iterations.value()) return true;
  const Options before = options_of(contents);
  return before.train.iterations == options.train.iterations &&
         before.train.tolerance == options.train.tolerance &&
         before.train.tolerance_primal == options.train.tolerance_primal &&
         before.train.tolerance_dual == options.train.tolerance_dual &&
         before.train.patience == options.train.patience &&
         before.train.target_accuracy == options.train.target_accuracy;
}

std::map<std::string, std::string> data_notes(const Dataset& data, Storage storage, HoldOut how,
                                              const ProcessGrid& grid) {
  std::uint64_t sum = 0;
  for (const SampleSet* set : {&data.train, &data.validation}) {
    const Index first_of_rank = slab_width(set->widest, grid.size()) * grid.rank();
    for (const SamplePanel& panel : set->panels)
      for (Index j = 0; j < panel.targets.count(); ++j) {
        const Index position = panel.first + first_of_rank + j;
        const Index width = panel.targets.width;
        sum += mix(static_cast<std::uint64_t>(position),
                   static_cast<std::uint64_t>(panel.targets.class_of(j)));
        if (width > 0) sum += checksum(position * width, panel.targets.reals_of(j), width);
        const double weight = panel.targets.weight(j);
        if (!panel.targets.weights.empty()) sum += checksum(position, &weight, 1);
      }
  }
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, grid.comm()));
  char labels[96], values[32];
  std::snprintf(labels, sizeof labels, "%" PRId64 "x%" PRId64 "+%" PRId64 "-%016" PRIx64,
                data.shape.features, data.train.samples, data.validation.samples, sum);
  std::snprintf(values, sizeof values, "%016" PRIx64, data.values_checksum);
  const bool sparse = storage == Storage::sparse;
  std::map<std::string, std::string> notes{{note_fingerprint, labels},
                                           {sparse ? note_entries : note_values, values}};
  if (how == HoldOut::of_each_class) notes[note_split] = "a share of each class";
  return notes;
}

/// The old matrix into the corner of the new one; whatever leads from a new unit to an old one or
/// to an output is zero.
static void widen_layer(const BlockCyclicMatrix& old_W, Index old_inputs, bool bias,
                        Index new_inputs, bool output, BlockCyclicMatrix& W) {
  const Index old_units = old_W.rows();
  for (Index j = 0; j < W.local_cols(); ++j) {
    const Index col = W.global_col(j);
    const bool from_new_unit = col >= old_inputs && col < new_inputs;
    for (Index i = 0; i < W.local_rows(); ++i)
      if (from_new_unit && (output || W.global_row(i) < old_units)) W.at(i, j) = 0.0;
  }
  redistribute(old_units, old_inputs, old_W, {}, W, {});
  if (bias) redistribute(old_units, 1, old_W, {0, old_inputs}, W, {0, new_inputs});
}

/// Whether the network can take over the old one's function (load_warm_start).
static bool can_take_over(const Topology& old, const Topology& network) {
  const int joining = network.layers() - old.layers(), last = old.layers() - 1;
  bool fits = joining >= 0 && old.bias == network.bias;
  for (int l = 1; fits && l <= last; ++l) fits = old.width(l) <= network.width(l);
  if (!fits || joining == 0) return fits;
  for (int l = last + 1; l < network.layers(); ++l) fits &= network.width(l) == network.width(last);
  return fits && last > 0 && network.activation.kind == ActivationKind::relu;
}

/// Weights belong to inputs by their place.
static void check_input_names(const std::string& path, const std::vector<std::string>& before,
                              const std::vector<std::string>& now, Log& log) {
  if (before.empty() || now.empty() || before == now) return;
  const auto sorted = [](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
  };
  if (sorted(before) == sorted(now))
    throw BadInput("-run_warm_start " + path +
                   ": its network has the same inputs in another order ('" + before.front() +
                   "' first); put the columns of the data into that order");
  log.warning("the network of the warm start has learned from inputs of other names than these");
}

bool load_warm_start(const std::string& path, const DataShape& shape,
                     const Preprocessing& preprocessing, Network& network, Log& log) {
  const CheckpointFile file = CheckpointFile::open(path, network.grid().comm());
  file.require_network();
  const NetworkDescription& old = file.contents().network;
  const Topology& topology = network.topology();
  const Topology before = topology_of(old);
  if (old.features() != preprocessing.features() || !can_take_over(before, topology))
    throw BadInput("-run_warm_start " + path + " holds a network of " + before.text() +
                   (before.bias ? " with" : " without") + " biases, which does not fit into " +
                   topology.text() + (topology.bias ? " with" : " without") +
                   " biases: inputs and -net_bias must agree, hidden layers may only grow; more of "
                   "them may only follow the last one, with its width and -net_activation relu");
  check_input_names(path, old.feature_names, shape.feature_names, log);
  const bool same_outputs =
      before.outputs() == topology.outputs() && old.class_labels == shape.class_labels &&
      old.target_names == topology.coding.names && old.target_centre == topology.coding.centre &&
      old.target_scale == topology.coding.scale;
  Network source(network.grid(), before, network.unit_block());
  StateView view;
  source.append_state("", view);
  file.load_state(view);
  const int layers = before.layers(), L = topology.layers();
  if (layers > 1 || same_outputs)
    widen_layer(first_layer_for(old, preprocessing, source, log), topology.width(0), before.bias,
                topology.width(0), layers == 1, network.W(1));
  for (int l = 2; l < layers; ++l)
    widen_layer(source.W(l), before.width(l - 1), before.bias, topology.width(l - 1), false,
                network.W(l));
  for (int l = layers; l < L; ++l)
    network.W(l).fill([](Index i, Index j) { return i == j ? 1.0 : 0.0; });
  if (layers > 1 && same_outputs)
    widen_layer(source.W(layers), before.width(layers - 1), before.bias, topology.width(L - 1),
                true, network.W(L));
  log.value("warm start", path + " (" + before.text() + " -> " + topology.text() +
                              (same_outputs ? ")" : ", output layer anew)"));
  return same_outputs;
}

std::vector<std::pair<std::string, std::vector<double>>> history_columns(
    const std::vector<IterationRecord>& history, const std::vector<RecordColumn>& of) {
  std::vector<std::pair<std::string, std::vector<double>>> columns{{"iteration", {}}};
  for (const IterationRecord& record : history)
    columns[0].second.push_back(static_cast<double>(record.iteration));
  for (const RecordColumn& column : of) {
    columns.push_back({column.name, {}});
    for (const IterationRecord& record : history)
      columns.back().second.push_back(record.*column.member);
  }
  return columns;
}

std::vector<IterationRecord> history_records(const CheckpointContents& contents,
                                             const Score& score) {
  const std::vector<RecordColumn> columns = record_columns(score, true);
  std::vector<IterationRecord> history;
  for (const auto& [name, values] : contents.history) {
    history.resize(std::max(history.size(), values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (name == "iteration") history[i].iteration = static_cast<Index>(std::llround(values[i]));
      for (const RecordColumn& column : columns)
        if (name == column.name) history[i].*column.member = values[i];
    }
  }
  return history;
}

}  // namespace admmnet
