/// Backward targets of the re-synchronised sweeps: how each z_l should change.
#pragma once

#include <cmath>
#include <utility>

#include "linalg/correction.h"
#include "linalg/ray.h"
#include "methods/taylor/parameters.h"
#include "methods/taylor/weight_system.h"
#include "network/forward.h"
#include "network/metrics.h"

namespace admmnet {

/// sum |D|^2 and sum |z|^2.
struct Squares {
  double change = 0.0, size = 0.0;

  Squares& operator+=(const Squares& other) {
    change += other.change;
    size += other.size;
    return *this;
  }
  /// sqrt(sum |D|^2 / sum |z|^2)
  double residual() const { return size > 0.0 ? std::sqrt(change / size) : 0.0; }
};

/// With z_l from a forward pass, D_L = z_L* - z_L given, and for l = L-1 ... 1
///   delta = X_{l+1}^T D_{l+1},  X^T = W'^T (W' W'^T + kappa s I)^-1,  W' = W_{l+1} without bias,
///                                s = |W'|^2 / n_{l+1},
/// or, for layers where that is too dear, the minimiser along a ray (ray.h) with eps = kappa s,
///   D_l  = argmin_z { gamma/2 (h(z_l) + delta - h(z))^2 + beta/2 (z - z_l)^2 } - z_l,
///                                beta/gamma = b
/// (README.md §5.2). Buffers hold one panel.
class BackwardTargets {
 public:
  /// For panels of up to `widest` columns, and `columns` in all with the same weights. Collective.
  BackwardTargets(const Network& network, const ResyncParameters& parameters, Index widest,
                  Index columns);

  /// |W'_l|^2 of this rank, for a sum over the ranks before form(). Not collective.
  void take_weights(const Network& network, std::vector<double*>& sums);
  /// Forms the X of the current weights, which the forward pass has taken, their factors, or what a
  /// ray needs. Collective.
  void form(const Network& network, const ForwardPass& forward, Notes& notes);

  /// D_L := wished output - z_L, entry by entry, from whole columns. Collective.
  void set_output(const ForwardPass& forward, const OutputColumns& wished);

  /// D_{L-1} ... D_1 from D_L, and adds to the sums of squares for the primal residual. Collective.
  void run(const Network& network, const ForwardPass& forward);

  BlockCyclicMatrix& D(int l) { return D_[static_cast<std::size_t>(l - 1)]; }
  BlockCyclicMatrix& D_output() { return D_.back(); }

  /// Sums over what run() saw since the last call, over all ranks. Collective.
  Squares take_squares(const ProcessGrid& grid);
  /// The same of this rank. Not collective.
  Squares take_own_squares() { return std::exchange(squares_, {}); }

 private:
  double damping_, ratio_;
  CorrectionSide side_;
  Index columns_;
  /// What carries D_l down to layer l-1.
  struct Way {
    bool along_ray = false;
    Correction correction;
    Ray ray;
    double squares = 0.0, eps = 0.0;  // |W'|^2, kappa s
  };
  std::vector<Way> ways_;  // of layers 2 ... L
  std::vector<BlockCyclicMatrix> D_;
  std::vector<Squares> column_sums_;  // of one panel
  Squares squares_;
};

}  // namespace admmnet
