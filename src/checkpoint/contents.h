/// What a checkpoint holds, as plain values: the contract between train, predict, inspect and the
/// file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/position.h"
#include "linalg/state_view.h"
#include "proximal/activation.h"
#include "proximal/loss.h"
#include "runtime/types.h"

namespace admmnet {

/// What `predict` needs beside the weights: the network's shape, its coding of classes, and the
/// preprocessing that its inputs went through. Group /network of the file.
struct NetworkDescription {
  Index inputs = 0;
  std::vector<Index> hidden;  ///< widths of the hidden layers
  Index outputs = 0;
  Activation activation;
  Loss loss = Loss::softmax;
  bool bias = true;
  double label_smoothing = 0.0;  ///< that it was trained with
  double temperature = 1.0;      ///< factor on its outputs before the softmax; 1: none was fitted
  std::vector<std::string> class_labels;  ///< of output i; both labels when there is one output
  /// Real targets in the place of classes: outputs are (target - centre)/scale, as many for each
  /// target, and the loss has a parameter for each output. No names: classes.
  std::vector<std::string> target_names;
  std::vector<double> target_centre, target_scale, loss_parameters;
  std::string scaling = "none";      ///< name of the preprocessing, as decks spell it
  std::vector<double> shift, scale;  ///< of the preprocessing; empty when it has none
  std::vector<double> rotation;      ///< features x inputs, column-major as in memory; or empty
  std::vector<double> fill;  ///< what missing inputs are taken as; empty: none may be missing
  Index pool = 1;            ///< inputs are means over pool x pool pixels
  Index hops = 1;            ///< inputs are so many blocks [H, SH, ...] of a graph's nodes
  double unit = 1.0;         ///< of the scaling sqn: what counts as 1
  std::vector<std::string> feature_names;  ///< empty: unknown
  /// Inputs may be components of the features, fewer or as many: then their number, and of all
  /// directions of the features the variances (eigenvalues, descending), or the largest of them and
  /// the sum of all others. Else 0, and none.
  Index components_of = 0;
  std::vector<double> eigenvalues;
  double rest_of_trace = 0.0;

  Index features() const { return components_of > 0 ? components_of : inputs; }
};

/// Who wrote a checkpoint, when, and on what. Filled in by the writer; a reader needs none of it.
struct CheckpointOrigin {
  std::string created_utc;  ///< 2024-05-31T12:00:00Z
  int ranks = 0;
  int grid_rows = 0, grid_cols = 0;
  Index row_block = 0, col_block = 0;  ///< of the first tensor of the state
};

/// One checkpoint. The same on every rank, apart from the local parts of the state's matrices.
struct CheckpointContents {
  Index iteration = 0;      ///< iterations done
  Index steps = 0;          ///< done of the pass after `iteration`; 0: at the end of a pass
  Index steps_of_pass = 0;  ///< that this pass has; not kept where `steps` is 0
  std::string program;      ///< name and version of the writing program
  std::string deck;         ///< text of NAME.used.yaml
  bool finished = false;    ///< the run ended by itself at the end of a pass
  std::string stop_reason;  ///< why it stopped; empty while it runs
  NetworkDescription network;
  std::vector<std::pair<std::string, std::vector<double>>> history;  ///< columns by name
  std::map<std::string, std::string> notes;  ///< anything else worth keeping, by name
  CheckpointOrigin origin;
  StateView state;  ///< to be written; empty in what was read (CheckpointFile::load_state)

  /// Whether the run ended by itself, so that nothing is left to do. The format has no `finished`
  /// in the middle of a pass; only a target ends a run there.
  bool ended() const { return finished || (steps > 0 && stop_reason == "target"); }
  Position position() const { return {iteration, steps}; }
  /// "3", "3, 17 of 22 steps of the next pass"
  std::string progress() const {
    return std::to_string(iteration) +
           (steps == 0 ? ""
                       : ", " + std::to_string(steps) + " of " + std::to_string(steps_of_pass) +
                             " steps of the next pass");
  }
};

}  // namespace admmnet
