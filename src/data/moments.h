/// Means and deviations of the training samples, whatever the magnitude of their values.
#pragma once

#include <vector>

#include <mpi.h>

#include "data/square_roots.h"
#include "runtime/types.h"

namespace admmnet {

class StagedSet;
class SparseStagedSet;

/// Of each feature over the training samples, as `map` makes them; missing values (NaN) are left
/// out of all of it.
///
/// With e_i such that |x_i| < 2^e_i for every sample, sums are taken of x_i 2^-e_i and of squares
/// of its distances from the mean, in two passes (mean, then centred squares), so that no finite
/// value overflows or underflows. Multiplying by a power of two is exact: the result is, to the
/// last bit, that of the plain sums where those neither overflow nor underflow.
struct Moments {
  Moments() = default;
  /// Collective on comm: sums over the ranks of n numbers, n = features. About 6 n N / P flops.
  Moments(const StagedSet& train, MPI_Comm comm, SampleMap map = {});
  /// The same of sparse samples, whose zeros count as values. About 6 flops an entry.
  Moments(const SparseStagedSet& train, MPI_Comm comm);

  /// sqrt of the mean over all features of the squared deviation.
  double global_deviation() const;
  bool any_missing() const;

  double samples = 0.0;
  std::vector<double> present;            ///< how many samples have a value
  std::vector<double> smallest, largest;  ///< infinity and -infinity where no sample has a value
  std::vector<double> mean;               ///< 0 where no sample has a value
  std::vector<double> deviation;          ///< divisor: the samples that have a value

 private:
  /// visit(f) calls f(feature, x) for the values of this rank that are stored; `zeros`: all others
  /// of the samples are 0, and none of those stored is missing.
  template <class Visit>
  void find(std::size_t features, const Visit& visit, bool zeros, MPI_Comm comm);
  template <class Visit>
  void find_range(const Visit& visit, bool zeros, MPI_Comm comm);
  template <class Visit>
  void find_mean(const Visit& visit, MPI_Comm comm);
  template <class Visit>
  void find_deviation(const Visit& visit, MPI_Comm comm);

  std::vector<double> zeros_;                            ///< how many samples have none stored
  std::vector<int> exponent_;                            ///< e_i
  std::vector<double> down_;                             ///< 2^-e_i
  std::vector<double> reduced_mean_, reduced_variance_;  ///< of x_i 2^-e_i
};

}  // namespace admmnet
