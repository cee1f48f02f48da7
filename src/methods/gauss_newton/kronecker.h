/// The curvature of each layer as a Kronecker product: scale of the damping, and preconditioner.
#pragma once

#include <string>
#include <vector>

#include "linalg/layer_operand.h"
#include "linalg/outer_sum.h"
#include "linalg/symmetric_eigen.h"
#include "network/network.h"

namespace admmnet {

/// For every layer l (README.md §3)
///   G_l = mean a~_{l-1} a~_{l-1}^T,   S_l = mean B_l B_l^T
///   c_l = tr S_l tr G_l / (n_l (n_{l-1} + 1))
/// with extended(l-1) in the place of n_{l-1} + 1. Memory, over all ranks: for each layer three
/// times G_l, two times S_l, and once W~_l; on 1 x P S_l's eigenvectors whole on each rank.
class KroneckerFactors {
 public:
  /// For weights of this shape. Collective.
  explicit KroneckerFactors(const Network& network);

  /// Begins new sums.
  void begin();
  /// G_l += weight a~ a~^T and S_l += weight B B^T; a~: extended(l-1) x w, B: n_l x w. Collective.
  void add(int l, double weight, const SampleOperand& a, const BlockCyclicMatrix& B);
  /// After the last panel: the sums of all layers cross together, and are decomposed. Collective.
  void finish();
  /// What follows from G_l and S_l, of which finish() or a restart has the last word. Collective;
  /// 11 n^3 flops for each G_l, 9 n^3 for each S_l.
  void decompose();

  /// c_l, l = 1 ... L, at place l - 1.
  const std::vector<double>& c() const { return c_; }

  /// Z_l := the solution X of S_l X G_l + lambda c_l X = R_l, by
  ///   X = U [(U^T R V)_ij / (s_i g_j + lambda c_l)] V^T
  /// with the eigenvalues and vectors S_l = U diag(s) U^T, G_l = V diag(g) V^T,
  /// so that another lambda costs nothing. lambda > 0. Collective; for R_l of m x k 4 m k (m + k)
  /// flops.
  void solve(double lambda, const Network& R, Network& Z);

  void append_state(const std::string& prefix, StateView& view);

 private:
  struct Layer {
    BlockCyclicMatrix G, S;
    OuterSum sum_of_G{Triangle::lower}, sum_of_S{Triangle::lower};
    SymmetricEigen of_G, of_S;
    BlockCyclicMatrix transposed;  // V^T
    LayerOperand units;            // U
  };
  Layer& layer(int l) { return layers_[static_cast<std::size_t>(l - 1)]; }

  std::vector<Layer> layers_;
  std::vector<double> c_;
  Network half_;  // between two products
};

}  // namespace admmnet
