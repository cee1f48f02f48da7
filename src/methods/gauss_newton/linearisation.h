/// The network to first order in its weights, on some panels: J, its transpose, and the curvature.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "linalg/outer_sum.h"
#include "methods/gauss_newton/kronecker.h"
#include "network/forward.h"

namespace admmnet {

/// With the tangent of a direction V (README.md §2; all of one column)
///   tau_1 = V_1 a~_0,   tau_l = W_l (h'(z_{l-1}) * tau_{l-1}) + V_l a~_{l-1},   J V = tau_L
/// and its transpose, J^T e = (delta_l a~_{l-1}^T)_l,
///   delta_L = e,        delta_{l-1} = h'(z_{l-1}) * W_l^T delta_l.
/// Memory, over all ranks: for each column of each panel 2 n_l + 1 numbers a hidden layer, and n_l
/// for each layer and column of the widest one.
class Linearisation {
 public:
  /// For up to `panels` panels of up to `widest` columns. Collective.
  Linearisation(const Network& network, Index widest, std::size_t panels);

  /// At these weights, on these panels, which must both outlive the use. Collective; 2 flops for
  /// each weight and column.
  void set(const Network& network, const std::vector<const SamplePanel*>& panels);

  /// Columns of all panels, N_s.
  Index columns() const { return columns_; }

  /// z - T of an output, T the coded targets, of this rank's columns. Not collective.
  std::vector<double> residuals(const Objective& objective, Index output);

  /// product := J^T H J V / N_s, H the curvature of the loss at each column's output. Collective; 8
  /// flops for each weight and column, 4 in the first layer; one sum of the size of the weights.
  void multiply(const Network& V, Network& product);

  /// The factors of README.md §3, B being the way back of one random column of covariance H for
  /// each sample. Collective.
  void form(const CounterRandom& random, KroneckerFactors& factors);

 private:
  /// What is kept of a panel.
  struct Point {
    const SamplePanel* panel;
    std::vector<BlockCyclicMatrix> a, slope;  // a~_l and h'(z_l), l = 1 ... L-1
    OutputColumns z;                          // z_L
  };
  int layers() const { return static_cast<int>(weights_.size()); }
  SampleOperand input(const Point& point, int l) const;
  void run_forward(Point& point);
  void push_forward(const Point& point);
  template <class Use>
  void pull_back(const Point& point, Use&& use);
  void set_cols(Index cols);

  BlockCyclicMatrix& tau(int l) { return tau_[static_cast<std::size_t>(l - 1)]; }
  LayerOperand& weights(int l) { return weights_[static_cast<std::size_t>(l - 1)]; }
  LayerOperand& tangent(int l) { return tangents_[static_cast<std::size_t>(l - 1)]; }
  OuterSum& sum(int l) { return sums_[static_cast<std::size_t>(l - 1)]; }

  const Network* network_ = nullptr;
  Index columns_ = 0;
  std::size_t used_ = 0;  // of the points
  std::vector<Point> points_;
  std::vector<BlockCyclicMatrix> tau_;  // on the way back delta_l
  std::vector<LayerOperand> weights_, tangents_;
  std::vector<OuterSum> sums_;
  OutputColumns output_;
};

}  // namespace admmnet
