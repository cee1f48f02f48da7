/// Sums of outer products over many panels of samples, with one reduction for all of them.
#pragma once

#include <vector>

#include "linalg/products.h"

namespace admmnet {

/// R = sum over panels of alpha D H^T (Triangle::full), or G = sum of alpha H H^T, its lower
/// triangle (Triangle::lower, D = H). Data parallel, each rank sums over its own samples in an
/// array of R's size, and the ranks' sums meet in finish() (Taylor's transpose reduction): traffic
/// does not depend on the number of panels. Targets of more than kLargestGathered entries, and all
/// in block-cyclic layout, are added up in R itself, panel by panel.
class OuterSum {
 public:
  explicit OuterSum(Triangle triangle) : triangle_(triangle) {}

  /// Begins a sum into R, R := keep R + sum, which must outlive it. Not collective.
  void begin(BlockCyclicMatrix& R, double keep = 0.0);
  /// Collective. Flops as accumulate_outer, accumulate_gram.
  void add(double alpha, const BlockCyclicMatrix& D, const SampleOperand& H);
  /// The same with D = H, for a sum of Gram matrices. Collective.
  void add_gram(double alpha, const SampleOperand& H);
  /// After the last panel, of which there is one at least. Collective.
  void finish() { finish({this}); }
  /// The same of several sums on one grid, which cross the network in one message. Collective.
  static void finish(std::vector<OuterSum*> sums);

 private:
  void add_dense(double alpha, const SampleOperand& D, const SampleOperand& H);
  void add_sparse(double alpha, const BlockCyclicMatrix* D, const SparseSamples& H);

  Triangle triangle_;
  double keep_ = 0.0;
  BlockCyclicMatrix* R_ = nullptr;
  bool first_ = true;
  Scratch<double> own_;
  Ledger::Holding holding_;
};

}  // namespace admmnet
