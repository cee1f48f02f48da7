#include "data/preprocessing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "data/staging.h"
#include "data/whitening.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

template <class F>
void for_each_column(const StagedSet& set, F&& f) {
  std::vector<double> column(static_cast<std::size_t>(set.features()));
  for (Index p = 0; p < set.columns().panels(); ++p)
    for (Index j = 0; j < set.local_count(p); ++j) {
      set.values(p, j, column.data());
      f(column);
    }
}

void reduce(std::vector<double>& values, MPI_Op operation, MPI_Comm comm) {
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_DOUBLE,
                          operation, comm),
            "MPI_Allreduce");
}

/// Of each feature over all training samples. Collective.
struct Moments {
  Moments(const StagedSet& train, MPI_Comm comm) {
    const auto n = static_cast<std::size_t>(train.features());
    const auto samples = static_cast<double>(train.columns().samples());
    mean.assign(n, 0.0);
    smallest.assign(n, std::numeric_limits<double>::infinity());
    largest.assign(n, -std::numeric_limits<double>::infinity());
    for_each_column(train, [&](const std::vector<double>& x) {
      for (std::size_t i = 0; i < n; ++i) {
        mean[i] += x[i];
        smallest[i] = std::min(smallest[i], x[i]);
        largest[i] = std::max(largest[i], x[i]);
      }
    });
    reduce(mean, MPI_SUM, comm);
    reduce(smallest, MPI_MIN, comm);
    reduce(largest, MPI_MAX, comm);
    for (std::size_t i = 0; i < n; ++i)  // a constant feature must not get a variance from rounding
      mean[i] = smallest[i] == largest[i] ? smallest[i] : mean[i] / samples;

    variance.assign(n, 0.0);
    for_each_column(train, [&](const std::vector<double>& x) {
      for (std::size_t i = 0; i < n; ++i) variance[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
    });
    reduce(variance, MPI_SUM, comm);
    for (double& v : variance) v /= samples;
  }

  std::vector<double> mean, variance, smallest, largest;
};

/// 1 / x, or 1 where there is nothing to scale.
double inverse_or_one(double x) {
  return x > 0.0 ? 1.0 / x : 1.0;
}

double inverse_global_deviation(const std::vector<double>& variance) {
  double sum = 0.0;
  for (const double v : variance) sum += v;
  return inverse_or_one(std::sqrt(sum / static_cast<double>(variance.size())));
}

}  // namespace

Preprocessing fit_preprocessing(Scaling kind, const StagedSet& train, MPI_Comm comm) {
  const auto n = static_cast<std::size_t>(train.features());
  if (kind == Scaling::whiten && train.features() > kWhiteningFeatures)
    throw BadInput("-data_scaling whiten: " + std::to_string(n) + " features are more than the " +
                   std::to_string(kWhiteningFeatures) +
                   " whose covariance one rank can factor; use -data_scaling standard");
  Preprocessing result{kind, std::vector<double>(n, 0.0), std::vector<double>(n, 1.0), {}};
  const bool bytes = train.type() == ValueType::byte;
  if (bytes && (kind == Scaling::none || kind == Scaling::unit)) {
    result.scale.assign(n, 1.0 / 255.0);
    return result;
  }
  if (kind == Scaling::none) return result;

  const Moments moments(train, comm);
  if (kind == Scaling::unit) {
    const double low = *std::min_element(moments.smallest.begin(), moments.smallest.end());
    const double high = *std::max_element(moments.largest.begin(), moments.largest.end());
    result.shift.assign(n, low);
    result.scale.assign(n, inverse_or_one(high - low));
    return result;
  }
  result.shift = moments.mean;
  if (kind == Scaling::standard) {
    for (std::size_t i = 0; i < n; ++i)
      result.scale[i] = inverse_or_one(std::sqrt(moments.variance[i]));
  } else {
    result.scale.assign(n, inverse_global_deviation(moments.variance));
  }
  if (kind == Scaling::whiten) result.rotation = whitening_rotation(result, train, comm);
  return result;
}

void apply_preprocessing(const Preprocessing& preprocessing, const StagedSet& set, Index panel,
                         double* out, Index leading_dimension) {
  const Index n = set.features();
  require(static_cast<Index>(preprocessing.shift.size()) == n &&
              static_cast<Index>(preprocessing.scale.size()) == n &&
              (preprocessing.rotation.empty() ||
               static_cast<Index>(preprocessing.rotation.size()) == n * n),
          "apply_preprocessing: made for " + std::to_string(preprocessing.shift.size()) +
              " features, the samples have " + std::to_string(n));
  for (Index j = 0; j < set.local_count(panel); ++j) {
    double* x = out + j * leading_dimension;
    set.values(panel, j, x);
    for (Index i = 0; i < n; ++i) {
      const auto feature = static_cast<std::size_t>(i);
      x[i] = (x[i] - preprocessing.shift[feature]) * preprocessing.scale[feature];
    }
  }
  if (!preprocessing.rotation.empty())
    rotate_columns(preprocessing.rotation, n, set.local_count(panel), out, leading_dimension);
}

}  // namespace admmnet
