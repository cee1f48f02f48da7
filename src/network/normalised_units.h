/// A start of the hidden layers that fits the data: each unit's pre-activation has mean 0 and
/// deviation 1 over the training samples.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// Mean and deviation of each row of sample matrices, over all panels and ranks. Panels are joined
/// by their means and centred squares (Chan, Golub and LeVeque 1983), so that a mean far from 0
/// costs no digits.
class RowMoments {
 public:
  /// The next panel, rows x w; all of one layout of rows. Not collective. About 4 flops an entry.
  void add(const BlockCyclicMatrix& z);
  /// After the last panel. Collective on the grid of the panels: two sums of as many numbers as
  /// there are rows.
  void finish(const ProcessGrid& grid);

  // By global row, on every rank. NaN where an entry is.
  const std::vector<double>& mean() const { return mean_; }
  const std::vector<double>& variance() const { return variance_; }  ///< divisor: the samples

 private:
  std::vector<Index> global_row_;               // of each local row
  std::vector<double> own_mean_, own_squares_;  // of this rank's columns, by local row
  Index rows_ = 0, own_count_ = 0, count_ = 0;
  std::vector<double> mean_, variance_;
};

/// For each hidden layer in turn, m_i and s_i the mean and deviation of unit i's z:
///   W_i := W_i / s_i,   b_i := (b_i - m_i) / s_i;   without biases W_i := W_i / sqrt(mean z_i^2).
/// A unit whose z does not change is only shifted to 0. The output layer stays as it is. Collective
/// on the grid. Flops: 2 sum_l n_l n_(l-1) a sample for layers up to each of the hidden ones.
/// Throws NumericalBreakdown where a z is not finite.
void normalise_hidden_units(Network& network, const SampleSet& train);

}  // namespace admmnet
