/// What the values of a table show that its labels do not: cells that spoil the scaling of their
/// column, and columns that a scaling does no justice.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <mpi.h>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

class StagedSet;
struct Dataset;
struct Moments;
struct SourceFile;

/// A feature with values far outside the rest.
struct OddColumn {
  Index feature;
  Index count;   ///< of such values
  Index sample;  ///< the first one in the file, counted in selected samples
  double value;  ///< its value
  bool far;      ///< far from the others; else only too large to be squared
};

/// Finds values that cannot be squared, and values that are 1e30 spreads and more from the median
/// of their feature. Median and spread are those of the first kSampled training samples, which are
/// drawn at random (dataset.h), so nearly half of them may be odd: the spread is the median of the
/// distances from the median, or, where that is 0, of those that are not; where all are 0, the size
/// of the median, or 1. The same on any number of ranks.
class OddValues {
 public:
  static constexpr Index kSampled = 256;

  /// Collective on comm: sums kSampled numbers a feature, in parts of bounded size.
  OddValues(const StagedSet& train, MPI_Comm comm);

  /// Looks through this rank's part of a set. sample_of: from the position in the set to the number
  /// of the sample among the selected ones of the file. Rank-local, one pass.
  void look_through(const StagedSet& set, const std::function<Index(Index)>& sample_of);

  /// What was found since the last call, by feature. Collective: 3 numbers a feature.
  std::vector<OddColumn> take();

 private:
  struct Centre {
    double median, spread;
  };
  static Centre centre_of(std::vector<double> values);
  static bool is_far(double x, const Centre& centre);
  void forget();

  MPI_Comm comm_;
  std::vector<Centre> centres_;
  std::vector<Index> counts_, first_;  ///< of this rank
  std::vector<double> values_;         ///< the one of sample first_
};

/// "table.csv, line 3, column 2 ('x')", for a sample counted among the selected ones of the file,
/// and a feature. On the rank that knows the file's layout, the first one; may read the file once
/// more.
std::string place_in_file(const DataOptions& options, const SourceFile& file, Index selected,
                          Index feature);

/// Lines for the log about odd values, with line and column in the file, which is read once more to
/// find them. Collective on comm; the same on every rank.
std::vector<std::string> describe_odd(const DataOptions& options, const SourceFile& file,
                                      const std::vector<OddColumn>& odd, MPI_Comm comm);

/// Adds to data.notes and data.warnings what the moments of a table's training samples show:
/// columns without values or of too small a deviation; deviations too different for `centred`.
/// Collective on comm.
void examine_moments(const DataOptions& options, const Moments& moments, MPI_Comm comm,
                     Dataset& data);

}  // namespace admmnet
