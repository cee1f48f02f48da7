#include "commands/beginning.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>

#include "checkpoint/element_hash.h"
#include "commands/topology.h"
#include "config/config.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {
namespace {

std::string fresh_start_refused(const std::string& path) {
  return "-run_restart none would take the place of an earlier run (" + path +
         " is there): continue it with -run_restart auto, give -run_name or -run_outdir another "
         "value, or add -run_overwrite true";
}

/// Keys that may differ between a checkpoint and the run that continues it. Everything else that
/// belongs to data, network, sweep or seed may not.
bool may_change(const std::string& key) {
  for (const char* forbidden : {"net_", "init_", "admm_sweep", "admm_blocks", "train_method"})
    if (key.rfind(forbidden, 0) == 0) return false;
  if (key.rfind("data_", 0) == 0)
    return key == "data_dir" || key == "data_train" || key == "data_test";
  return true;
}

}  // namespace

std::optional<CheckpointFile> find_beginning(const RunOptions& run, const CheckpointStore& store,
                                             MPI_Comm comm, Log& log) {
  if (run.restart != "auto" && run.restart != "none") {
    log.value("restart", run.restart);
    CheckpointFile file = CheckpointFile::open(run.restart, comm);
    file.verify();
    return file;
  }
  const auto candidates = store.candidates();
  if (run.restart == "none") {
    if (!candidates.empty() && !run.overwrite)
      throw BadInput(fresh_start_refused(candidates.front().path));
    for (const std::string& path : store.set_aside_newer(-1))
      log.line("set aside: " + path + " (now .superseded)");
    return std::nullopt;
  }
  CheckpointStore::Choice choice = store.newest_valid();
  for (const std::string& reason : choice.refused) log.warning("not used: " + reason);
  if (!choice.remark.empty()) log.line(choice.remark);
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

void check_same_problem(const CheckpointContents& contents, const Options& options, Log& log) {
  const Options before = parse_options(deck_arguments(contents.deck, "deck of the checkpoint"));
  std::string refused;
  for (const OptionDifference& d : differences(before, options)) {
    const std::string change = "-" + d.key + ": " + d.before + " -> " + d.after;
    if (may_change(d.key))
      log.line("changed since the checkpoint: " + change);
    else
      refused += "\n  " + change;
  }
  if (!refused.empty())
    throw BadInput(
        "the checkpoint belongs to another problem; these keys may not change:" + refused +
        "\ngive them the old values, or begin anew under another -run_name (weights can "
        "be taken over with -run_warm_start)");
}

void check_same_data(const CheckpointContents& contents, const std::string& data_fingerprint) {
  const auto note = contents.notes.find("data_fingerprint");
  if (note != contents.notes.end() && note->second != data_fingerprint)
    throw BadInput("the data is not that of the checkpoint: fingerprint " + note->second +
                   " then, " + data_fingerprint + " now; check -data_dir, -data_train");
}

bool nothing_left_to_do(const CheckpointContents& contents, const Options& options) {
  if (!contents.finished) return false;
  if (contents.iteration >= options.train.iterations) return true;
  const Options before = parse_options(deck_arguments(contents.deck, "deck of the checkpoint"));
  return before.train.iterations == options.train.iterations &&
         before.train.tolerance == options.train.tolerance &&
         before.train.patience == options.train.patience;
}

std::string fingerprint(const Dataset& data, const ProcessGrid& grid) {
  std::uint64_t sum = 0;
  for (const SampleSet* set : {&data.train, &data.validation}) {
    const Index first_of_rank = slab_width(set->widest, grid.size()) * grid.rank();
    for (const SamplePanel& panel : set->panels)
      for (std::size_t j = 0; j < panel.labels.size(); ++j)
        sum += mix(static_cast<std::uint64_t>(panel.first + first_of_rank) + j,
                   static_cast<std::uint64_t>(panel.labels[j]));
  }
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, grid.comm()),
            "MPI_Allreduce");
  char text[96];
  std::snprintf(text, sizeof text, "%" PRId64 "x%" PRId64 "+%" PRId64 "-%016" PRIx64,
                data.shape.features, data.train.samples, data.validation.samples, sum);
  return text;
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

bool load_warm_start(const std::string& path, const std::vector<int>& class_labels,
                     Network& network, Log& log) {
  const CheckpointFile file = CheckpointFile::open(path, network.grid().comm());
  const NetworkDescription& old = file.contents().network;
  const Topology& topology = network.topology();
  const Topology before = topology_of(old);
  bool fits = before.layers() == topology.layers() && before.bias == topology.bias &&
              before.width(0) == topology.width(0);
  for (int l = 1; fits && l < topology.layers(); ++l) fits = before.width(l) <= topology.width(l);
  if (!fits)
    throw BadInput("-run_warm_start " + path + " holds a network of " + before.text() +
                   (before.bias ? " with" : " without") + " biases, which does not fit into " +
                   topology.text() + (topology.bias ? " with" : " without") +
                   " biases: inputs, number of layers and -net_bias must agree, hidden layers may "
                   "only grow");
  const bool same_outputs =
      before.outputs() == topology.outputs() && old.class_labels == class_labels;
  Network source(network.grid(), before, network.unit_block());
  StateView view;
  source.append_state("", view);
  file.load_state(view);
  const int layers = topology.layers();
  for (int l = 1; l <= layers; ++l)
    if (l < layers || same_outputs)
      widen_layer(source.W(l), before.width(l - 1), before.bias, topology.width(l - 1), l == layers,
                  network.W(l));
  log.value("warm start", path + " (" + before.text() + " -> " + topology.text() +
                              (same_outputs ? ")" : ", output layer anew)"));
  return same_outputs;
}

namespace {

struct Column {
  const char* name;
  double IterationRecord::*member;
};

constexpr Column kColumns[] = {{"objective", &IterationRecord::objective},
                               {"primal_residual", &IterationRecord::primal_residual},
                               {"train_loss", &IterationRecord::train_loss},
                               {"train_accuracy", &IterationRecord::train_accuracy},
                               {"validation_accuracy", &IterationRecord::validation_accuracy},
                               {"seconds", &IterationRecord::seconds},
                               {"elapsed", &IterationRecord::elapsed}};

}  // namespace

std::vector<std::pair<std::string, std::vector<double>>> history_columns(
    const std::vector<IterationRecord>& history) {
  std::vector<std::pair<std::string, std::vector<double>>> columns{{"iteration", {}}};
  for (const IterationRecord& record : history)
    columns[0].second.push_back(static_cast<double>(record.iteration));
  for (const Column& column : kColumns) {
    columns.push_back({column.name, {}});
    for (const IterationRecord& record : history)
      columns.back().second.push_back(record.*column.member);
  }
  return columns;
}

std::vector<IterationRecord> history_records(const CheckpointContents& contents) {
  std::vector<IterationRecord> history;
  for (const auto& [name, values] : contents.history) {
    history.resize(std::max(history.size(), values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (name == "iteration") history[i].iteration = static_cast<Index>(std::llround(values[i]));
      for (const Column& column : kColumns)
        if (name == column.name) history[i].*column.member = values[i];
    }
  }
  return history;
}

}  // namespace admmnet
