/// A layer's weights and biases fitted to targets by ridge least squares, exactly: one Gram matrix,
/// of units or of samples, and a factorisation for each ridge that is tried.
#pragma once

#include <optional>
#include <string>

#include "linalg/dual_ridge.h"
#include "linalg/gram_system.h"
#include "linalg/outer_sum.h"
#include "linalg/sample_gram.h"
#include "methods/notes.h"
#include "network/network.h"

namespace admmnet {

///   W~ = [W b] := argmin sum_j |t_j - W a_j - b|^2 + ridge mbar |W|^2
///   W~ = S (G + ridge mbar I')^-1,  G = sum a~ a~^T,  S = sum t a~^T,  a~ = [a; 1]
/// with I' the identity with 0 at the bias, and mbar the mean diagonal of the Gram matrix that W
/// alone sees, b being eliminated: that of the centred a, and without biases that of a,
///   mbar = 1/n sum_i [ sum_j a_ij^2 - (sum_j a_ij)^2 / N ],   n units, N samples.
/// So a ridge means the same whatever the size of the activations, where they lie, and their
/// number. (Hoerl and Kennard: Ridge Regression. Technometrics 12, 1970.)
///
/// By weights w_j (weighted_samples.h) t_j and a~_j come times sqrt(w_j), the 1 of a~_j too, and
/// sums over j hold w_j; N stays, where sum_j w_j is to be.
///
/// With fewer samples than units (N < n), cholesky and no weights the same W~ comes from the N x N
/// dual form (linalg/dual_ridge.h); where G is singular and there is no ridge, it is the one of
/// least norm.
///
/// Of sparse samples cg, and cholesky where the dual form would be taken, go without any matrix of
/// n x n (linalg/sample_gram.h).
///
/// Memory: G, S and the factor, 2 n^2 + m n doubles over all ranks, where sums meet once, in
/// finish(); dual n N + 2 N^2 + 2 m N.
class RidgeFit {
 public:
  /// For W~_l of the network, which must outlive it, m x (n + 1), and N = `samples` in all.
  /// `solver`: one of those that work on a Gram matrix (gram_system.h). `system`: what notes and
  /// errors call it. `weighted`: the rows of ones that come with a~ may be scaled. Collective.
  RidgeFit(const Network& network, int l, WeightSolver solver, Index samples, std::string system,
           bool weighted = false);

  /// Begins anew. `keep_gram`: the a~ will be those of the last sum, so that only S is formed.
  void begin(bool keep_gram = false);
  /// The next panel: t of m x w, a~ of extended n x w, in one layout of columns. Collective. Flops:
  /// 2 m (n + 1) w, and (n + 1)(n + 2) w for G; dual none.
  void add(const BlockCyclicMatrix& t, const SampleOperand& a);
  /// After the last panel, of which there is one at least. Throws NumericalBreakdown where an a~ is
  /// not finite. Collective. Flops: dual n N (N+1).
  void finish();

  /// Of the last finish(). Not collective.
  double mean_diagonal() const { return mean_diagonal_; }

  /// W~ for this ridge, and again for others. Factors G unless the last ridge was the same. W holds
  /// what cg starts from. Flops: n^3/3 and 2 n^2 m; dual N^3/3 and 2 N^2 m + 2 m n N. Throws
  /// NumericalBreakdown where the solver and its fallbacks fail. Collective.
  void solve(double ridge, BlockCyclicMatrix& W, Notes& notes) {
    solve_with_shift(ridge * mean_diagonal_, W, notes);
  }
  /// The same for `shift` = ridge mbar as it is, where mbar should stay what it was once.
  void solve_with_shift(double shift, BlockCyclicMatrix& W, Notes& notes);

 private:
  /// Takes the room for the form that these samples ask for.
  void make_room(const SampleOperand& a);
  void begin_sums();
  double centred_trace() const;
  double trace_of_samples() const;

  const Network& network_;
  int layer_;
  WeightSolver asked_;
  Index all_samples_;
  bool weighted_;
  bool has_room_ = false, begun_ = false;

  std::string system_;
  Index inputs_, biases_;
  Index samples_ = 0;                   // so far
  std::optional<DualRidge> dual_;       // takes the place of G, S and their solver
  std::optional<SampleGram> implicit_;  // of G
  BlockCyclicMatrix G_, S_;
  OuterSum gram_{Triangle::lower}, outer_{Triangle::full};
  GramSystem solver_;
  bool keep_gram_ = false, factored_ = false;
  double mean_diagonal_ = 0.0, shift_ = 0.0;
};

}  // namespace admmnet
