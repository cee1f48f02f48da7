/// The room network/: what is trained. Topology, initialisation, forward pass, objective, metrics.
/// How it is trained (multipliers, targets, steps) and files do not enter.
///
/// Symbols: n_l width of layer l (0 = inputs, L = outputs), z_l = W_l a_{l-1} + b_l, a_l = h(z_l)
/// for l < L, columns are samples. A weight is stored with its bias as W~_l = [W_l b_l], n_l x
/// (n_{l-1} + 1), and an activation as a~_l = [a_l; 1], so that z_l = W~_l a~_{l-1} is one product.
/// Without biases W~ = W and a~ = a.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "linalg/block_cyclic_matrix.h"
#include "linalg/state_view.h"
#include "network/objective.h"
#include "network/regression.h"
#include "proximal/activation.h"
#include "proximal/loss.h"

namespace admmnet {

struct Topology {
  std::vector<Index> widths;  ///< n_0 ... n_L
  Activation activation;
  Loss loss = Loss::softmax;
  double label_smoothing = 0.0;  ///< of softmax (classification.h)
  bool bias = true;
  TargetCoding coding = {};  ///< of real targets; without names: they are classes
  bool weighted = false;     ///< samples do not count alike: by themselves, or by their classes
  std::vector<double> class_weights = {};  ///< of each class, in the loss; empty: 1 each

  bool is_regression() const { return !coding.names.empty(); }

  int layers() const { return static_cast<int>(widths.size()) - 1; }
  Index width(int l) const { return widths[static_cast<std::size_t>(l)]; }
  Index extended(int l) const { return width(l) + (bias ? 1 : 0); }
  Index outputs() const { return widths.back(); }
  std::string text() const;  ///< "784-1000-10"
};

/// Outputs for so many classes: one for two classes with a loss that is scalar (squared, hinge),
/// else one a class.
Index outputs_for(Index classes, Loss loss);

/// The weights W~_1 ... W~_L in block-cyclic layout with square blocks of `unit_block`.
class Network {
 public:
  /// All zero. Collective on the grid.
  Network(const ProcessGrid& grid, Topology topology, Index unit_block);
  /// The same with the weights of the layers first ... last only; others are empty matrices, and
  /// what needs all of them cannot be done.
  Network(const ProcessGrid& grid, Topology topology, Index unit_block, int first, int last);

  const Topology& topology() const { return topology_; }
  const ProcessGrid& grid() const { return grid_; }
  /// What it is trained for; lives as long as any copy of the network.
  const Objective& objective() const { return *objective_; }
  Index unit_block() const { return unit_block_; }
  int layers() const { return topology_.layers(); }
  BlockCyclicMatrix& W(int l) { return weights_[static_cast<std::size_t>(l - 1)]; }
  const BlockCyclicMatrix& W(int l) const { return weights_[static_cast<std::size_t>(l - 1)]; }

  /// A zero matrix shaped as W~_l, or as the Gram matrix of a~_{l-1}. Collective.
  BlockCyclicMatrix make_like_weight(int l) const;
  BlockCyclicMatrix make_gram(int l) const;
  /// A zero matrix of `rows` x samples for panels of up to `widest` columns. Collective.
  BlockCyclicMatrix make_sample_like(Index rows, Index widest) const;

  /// W_l of the layers 1..L: independent entries keyed by (seed, layer, row, column), b_l = 0.
  ///   he        normal, mean 0, deviation sqrt(2 / n_{l-1})
  ///   xavier    normal, mean 0, deviation sqrt(2 / (n_l + n_{l-1}))
  ///   lecun     normal, mean 0, deviation sqrt(1 / n_{l-1})
  ///   normal    normal, mean 0, deviation `deviation`
  ///   uniform   U(0, 1)
  ///   zero      0
  /// (receptive_fields needs data: see receptive_fields.h; automatic is he.) Not collective.
  void initialise(InitScheme scheme, Index seed, double deviation = 1.0);

  void copy_weights_from(const Network& other);
  bool all_finite() const;  ///< no NaN or infinity in any weight. Collective.

  /// The weights as state: `prefix`layer_<l>/W (n_{l-1}, n_l) and layer_<l>/b (1, n_l) on file.
  void append_state(const std::string& prefix, StateView& view);

 private:
  ProcessGrid grid_;
  Topology topology_;
  std::shared_ptr<const Objective> objective_;
  Index unit_block_;
  std::vector<BlockCyclicMatrix> weights_;
};

/// The whole matrix as one state tensor. `path` as in StateTensor.
StateTensor whole_tensor(const std::string& path, BlockCyclicMatrix& matrix);

}  // namespace admmnet
