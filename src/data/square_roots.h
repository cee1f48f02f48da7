/// The scaling `sqn`: square roots of a sample, normalised by the sample's own mean.
#pragma once

#include <functional>

#include <mpi.h>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

class StagedSet;
struct SourceFile;

/// Keeps a sample of (nearly) zeros from being blown up; in units of u.
constexpr double kRootOffset = 1e-3;

/// What is done to the n values of one sample before its features are scaled one by one; empty:
/// nothing.
using SampleMap = std::function<void(Index n, double* x)>;

/// For sqn: x := q, where with u = x / unit (unit: the largest byte, or 1 for a table's values)
///
///   q_i = sqrt(u_i) / sqrt(mean_j u_j + kRootOffset),
///
/// the mean being over the values that the sample has; what is missing (NaN) stays so. The root
/// makes deviations of counts alike, whatever their mean (Bartlett, 1936); the quotient takes out
/// how bright or how long the sample is as a whole. x >= 0. Empty for all other kinds. n roots and
/// 3 n flops a sample.
SampleMap sample_map(Scaling kind, double unit);

/// Finds the smallest of the negative values, which have no square root.
class NegativeValues {
 public:
  explicit NegativeValues(MPI_Comm comm) : comm_(comm) {}

  /// Looks through this rank's part of a set. sample_of: from the position in the set to the number
  /// of the sample among the selected ones of the file. Rank-local, one pass.
  void look_through(const StagedSet& set, const std::function<Index(Index)>& sample_of);

  /// Throws BadInput on every rank when there was one: the value, file, line, column, and the
  /// remedy. Collective on comm.
  void refuse(const DataOptions& options, const SourceFile& file) const;

 private:
  MPI_Comm comm_;
  double smallest_ = 0.0;           ///< of this rank; 0: none is negative
  Index sample_ = 0, feature_ = 0;  ///< of its first sample
};

}  // namespace admmnet
