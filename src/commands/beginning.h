/// How a training run begins: fresh, from a checkpoint of its own, or with the weights of another
/// run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/store.h"
#include "config/options.h"
#include "data/dataset.h"
#include "methods/method.h"
#include "network/best_iterate.h"
#include "runtime/iteration_record.h"
#include "runtime/log.h"

namespace admmnet {

/// The newest valid checkpoint for `auto`; nothing: begin fresh. For -run_restart FILE that file,
/// or the run's own newest valid checkpoint when the run was begun from this FILE before
/// (note_restarted_from) and has come further, unless -run_overwrite asks for FILE itself: so a
/// job that is started again goes on. With -run_overwrite, `auto` begins anew where the newest
/// checkpoint is of a finished run or of another problem. Refusals and remarks go to the log.
/// Throws IoFailure when checkpoints are there and none is valid, BadInput when a fresh start would
/// take the place of an earlier run without -run_overwrite. Collective.
std::optional<CheckpointFile> find_beginning(const Options& options, const CheckpointStore& store,
                                             MPI_Comm comm, Log& log);

/// The options of the run that wrote a checkpoint. Throws IoFailure when its deck cannot be read.
Options options_of(const CheckpointContents& contents);

/// Before the plan: what the run holds that this one will probably go on from, by the newest
/// checkpoint that can be opened, or by the one that -run_restart names; nothing: it begins. What
/// is wrong with files is find_beginning's to say. Collective on comm.
std::optional<CheckpointContents> run_to_go_on_with(const Options& options, MPI_Comm comm);

/// Puts the values of the run that this one goes on from into the places of auto, so that they stay
/// what they were though the program's own choices may have changed. Not what depends on the
/// machine.
void take_choices(const Options& of_run, Options& options);
/// The same from a checkpoint, and components that are given in other words (input_components.h).
void take_choices(const CheckpointContents& of_run, Options& options);

/// What -data_scaling auto stands for: the scaling of the checkpoint that the run goes on from
/// (null: none), else the default for such data. So a run goes on though the default has changed.
Scaling scaling_of_run(const DataOptions& options, const CheckpointContents* beginning);

/// How a run holds samples out: one that an older version began goes on with the samples that it
/// held out then. `beginning`: null for a run that begins.
HoldOut hold_out_of_run(const CheckpointContents* beginning);

/// Checks that a checkpoint's deck belongs to this run: logs allowed changes, throws BadInput
/// naming key and both values for a forbidden one (data, network, method, seed), IoFailure when its
/// deck cannot be read. `options` are resolved.
void check_same_problem(const CheckpointContents& contents, const Options& options, Log& log);

/// Names of notes (CheckpointContents::notes).
constexpr const char* note_fingerprint = "data_fingerprint";
constexpr const char* note_values = "data_values";
constexpr const char* note_entries = "data_entries";  // in its place, of sparse inputs
constexpr const char* note_split = "data_hold_out";   ///< how; older versions: no such note
constexpr const char* note_restarted_from = "restarted_from";

/// What tells the samples of this run from others, as notes: their number, labels and order, and
/// their values (`storage`: as they were held when these were summed up). The same on any grid.
/// Collective.
std::map<std::string, std::string> data_notes(const Dataset& data, Storage storage, HoldOut how,
                                              const ProcessGrid& grid);

/// Throws BadInput when the run's samples, labels or values are not those of the checkpoint, and
/// when the checkpoint, of an earlier version, was trained with other samples held out. Logs when
/// the checkpoint, of an earlier version of the program, says nothing about the values.
void check_same_data(const CheckpointContents& contents,
                     const std::map<std::string, std::string>& notes, Log& log);

/// The note of which file a run was begun from, for the checkpoints that follow: of `beginning`
/// itself when -run_restart names it, else what it has passed on; empty: none.
std::string restarted_from(const RunOptions& run, const CheckpointFile& beginning);

/// Whether the checkpoint's run ended by itself and the options leave nothing more to do.
bool nothing_left_to_do(const CheckpointContents& contents, const Options& options);

/// Weights of another run into `network`, which holds its own initial weights. Layers may have
/// become wider: the old units are kept, and what goes from new units to old ones and to the
/// outputs is zero, so that the function is unchanged. Nor do hidden layers change it that join
/// behind the last one as identities, which takes relu (h(h(z)) = h(z)) and layers of one width.
/// With other classes the output layer is left as it is. `preprocessing` is that of this run: where
/// the other run's differs the first layer is adapted (first_layer.h), or the log says why it
/// cannot be. Returns whether the output layer was taken. Throws BadInput when the topologies do
/// not fit, or when the inputs have the same names in another order. Collective.
bool load_warm_start(const std::string& path, const DataShape& shape,
                     const Preprocessing& preprocessing, Network& network, Log& log);

/// The history of a run as these columns for a checkpoint, and back: what it lacks is absent.
std::vector<std::pair<std::string, std::vector<double>>> history_columns(
    const std::vector<IterationRecord>& history, const std::vector<RecordColumn>& columns);
std::vector<IterationRecord> history_records(const CheckpointContents& contents,
                                             const Score& score);

}  // namespace admmnet
