#include "data/square_roots.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "data/odd_values.h"
#include "data/staging.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// Of the values that are there; each is divided first, so that no sum is beyond the largest
/// number.
double mean_of_present(Index n, const double* x) {
  double sum = 0.0, present = 0.0;
  const double share = 1.0 / static_cast<double>(n);
  for (Index i = 0; i < n; ++i) {
    if (std::isnan(x[i])) continue;
    sum += x[i] * share;
    present += 1.0;
  }
  return present > 0.0 ? sum * (static_cast<double>(n) / present) : 0.0;
}

}  // namespace

SampleMap sample_map(Scaling kind, double unit) {
  if (kind != Scaling::sqn) return {};
  return [unit](Index n, double* x) {
    const double factor = 1.0 / std::sqrt(mean_of_present(n, x) / unit + kRootOffset);
    std::for_each(x, x + n, [=](double& value) { value = std::sqrt(value / unit) * factor; });
  };
}

void NegativeValues::look_through(const StagedSet& set,
                                  const std::function<Index(Index)>& sample_of) {
  const PanelColumns& columns = set.columns();
  std::vector<double> x(static_cast<std::size_t>(set.features()));
  for (Index p = 0; p < columns.panels(); ++p)
    for (Index j = 0; j < set.local_count(p); ++j) {
      set.values(p, j, x.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (!(x[i] < 0.0) || x[i] > smallest_) continue;
        const Index sample = sample_of(columns.first(p) + rank_of(comm_) * columns.slab + j);
        if (x[i] == smallest_ && sample >= sample_) continue;
        smallest_ = x[i];
        sample_ = sample;
        feature_ = static_cast<Index>(i);
      }
    }
}

void NegativeValues::refuse(const DataOptions& options, const SourceFile& file) const {
  const double smallest = min_over(comm_, smallest_);
  if (smallest == 0.0) return;
  // The first of its samples, and the feature that its owner names.
  constexpr Index nobody = std::numeric_limits<Index>::max();
  Index sample = smallest_ == smallest ? sample_ : nobody;
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &sample, 1, MPI_INT64_T, MPI_MIN, comm_));
  Index feature = smallest_ == smallest && sample_ == sample ? feature_ : 0;
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &feature, 1, MPI_INT64_T, MPI_MAX, comm_));
  collectively(comm_, [&] {
    if (rank_of(comm_) != 0) return;
    char value[32];
    std::snprintf(value, sizeof value, "%.6g", smallest);
    throw BadInput(place_in_file(options, file, sample, feature) + ": " + value +
                   " is the smallest of negative values, and -data_scaling sqn takes square roots; "
                   "train with -data_scaling standard");
  });
}

}  // namespace admmnet
