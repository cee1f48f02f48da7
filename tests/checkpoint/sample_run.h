/// A state that has everything a method's state may have, and the checkpoint of a run around it.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "checkpoint/contents.h"
#include "linalg/grids.h"

namespace admmnet::test {

/// Panels that one checkpoint of the sample state is written in: the occurrences of mid_data.
constexpr int kPanels = 6;

/// Matrices on `grid` whose entries follow from their global place and the iteration alone.
class SampleState {
 public:
  SampleState(const ProcessGrid& grid, Index block)
      : weights_(grid, 7, 14, block, block),
        left_(grid, 5, 17, block, block),
        right_(grid, 5, 23, block, 2 * block),
        tall_(grid, 9, 8, block, block) {}

  void fill(Index iteration) {
    const int salt = static_cast<int>(iteration);
    weights_.fill([&](Index i, Index j) { return value(i, j, salt); });
    left_.fill([&](Index i, Index j) { return value(i, j, salt + 1); });
    right_.fill([&](Index i, Index j) { return value(i, j + 17, salt + 1); });
    tall_.fill([&](Index i, Index j) { return value(i, j, salt + 2); });
    eta_ = 0.1 * salt;
    steps_ = 1000 * iteration;
  }

  /// A matrix of which a tensor takes all but the last column, and another that column; one tensor
  /// made of two matrices, given in the wrong order; the upper rows of a matrix; tensors without
  /// entries.
  StateView view() {
    StateView state;
    state.tensors = {{"layer_1/W", 7, 13, {{&weights_, 0, 13, 0}}},
                     {"layer_1/b", 7, 1, {{&weights_, 13, 1, 0}}},
                     {"z", 5, 40, {{&right_, 0, 23, 17}, {&left_, 0, 17, 0}}},
                     {"layer_2/W", 3, 7, {{&tall_, 0, 7, 0}}},
                     {"layer_2/b", 3, 1, {{&tall_, 7, 1, 0}}},
                     {"nothing/columns", 3, 0, {}},
                     {"nothing/rows", 0, 4, {{&tall_, 0, 4, 0}}}};
    state.scalars = {{"resync/eta", &eta_, nullptr}, {"resync/steps", nullptr, &steps_}};
    return state;
  }

  /// What the sample of format 1.0 has of it: a layer 2 that does not fit the network.
  StateView oldest_view() {
    StateView state = view();
    StateTensor& layer_2 = state.tensors[3];
    layer_2.cols = layer_2.parts[0].cols = 4;
    state.tensors.erase(state.tensors.begin() + 4);
    return state;
  }

  /// Whether this rank holds what fill(iteration) sets, bit by bit, where the view reaches.
  bool holds(Index iteration, Index tall_cols = 8) const {
    const int salt = static_cast<int>(iteration);
    bool good = eta_ == 0.1 * salt && steps_ == 1000 * iteration;
    good = good && same(weights_, 7, 14, 0, salt) && same(left_, 5, 17, 0, salt + 1);
    return good && same(right_, 5, 23, 17, salt + 1) && same(tall_, 3, tall_cols, 0, salt + 2);
  }

  /// Ordinary numbers, and those that only survive as bits.
  static double value(Index i, Index j, int salt) {
    switch ((i + 5 * j) % 23) {
      case 3:
        return -0.0;
      case 7:
        return std::numeric_limits<double>::infinity();
      case 11:
        return std::numeric_limits<double>::denorm_min();
      case 19:
        return std::nan("7");
      default:
        return entry(i, j, salt);
    }
  }

 private:
  static bool same(const BlockCyclicMatrix& A, Index rows, Index cols, Index col_shift, int salt) {
    for (Index j = 0; j < A.local_cols_below(cols); ++j)
      for (Index i = 0; i < A.local_rows_below(rows); ++i) {
        const double expected = value(A.global_row(i), A.global_col(j) + col_shift, salt);
        if (std::memcmp(&expected, &A.column(j)[i], sizeof expected) != 0) return false;
      }
    return true;
  }

  BlockCyclicMatrix weights_, left_, right_, tall_;
  double eta_ = 0.0;
  Index steps_ = 0;
};

/// `steps` of 22, or at the end of a pass.
inline CheckpointContents sample_contents(Index iteration, Index steps = 0) {
  CheckpointContents contents;
  contents.iteration = iteration;
  contents.steps = steps;
  contents.steps_of_pass = steps == 0 ? 0 : 22;
  contents.program = "admmnet 1.2.3";
  contents.deck = "net: {hidden: [7]}\nrun: {name: sample}\n";
  contents.finished = iteration == 3 && steps == 0;
  contents.stop_reason = contents.finished ? "iterations used up" : "";
  NetworkDescription& network = contents.network;
  network.inputs = 13;
  network.hidden = {7};
  network.outputs = 3;
  network.activation = {ActivationKind::leaky_relu, 0.2};
  network.loss = Loss::multiclass_hinge;
  network.class_labels = {"-1", "4", "9"};
  network.scaling = "centred";
  network.shift = std::vector<double>(13, 0.25);
  network.scale = {2.0};
  contents.history = {{"iteration", {}}, {"accuracy", {}}};
  for (Index i = 1; i <= iteration; ++i) {
    contents.history[0].second.push_back(static_cast<double>(i));
    contents.history[1].second.push_back(1.0 - 1.0 / static_cast<double>(i));
  }
  contents.notes = {{"data", "sample"}, {"empty", ""}};
  return contents;
}

inline bool same_network(const NetworkDescription& a, const NetworkDescription& b) {
  return a.inputs == b.inputs && a.hidden == b.hidden && a.outputs == b.outputs &&
         a.activation.kind == b.activation.kind && a.activation.slope == b.activation.slope &&
         a.loss == b.loss && a.bias == b.bias && a.class_labels == b.class_labels &&
         a.scaling == b.scaling && a.shift == b.shift && a.scale == b.scale &&
         a.rotation == b.rotation && a.fill == b.fill && a.unit == b.unit &&
         a.label_smoothing == b.label_smoothing && a.temperature == b.temperature &&
         a.feature_names == b.feature_names;
}

/// All but the state and the origin.
inline bool same_contents(const CheckpointContents& a, const CheckpointContents& b) {
  return a.position() == b.position() && a.steps_of_pass == b.steps_of_pass &&
         a.program == b.program && a.deck == b.deck && a.finished == b.finished &&
         a.stop_reason == b.stop_reason && same_network(a.network, b.network) &&
         a.history == b.history && a.notes == b.notes;
}

}  // namespace admmnet::test
