#include "data/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "data/sparse_staging.h"
#include "data/staging.h"
#include "runtime/communicator.h"

namespace admmnet {

namespace {

/// Below, 2^-e could not be held; values so small have squares enough when raised by this.
constexpr int kLowestExponent = -1000;

void reduce(std::vector<double>& values, MPI_Op operation, MPI_Comm comm) {
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()),
                            MPI_DOUBLE, operation, comm));
}

}  // namespace

Moments::Moments(const StagedSet& train, MPI_Comm comm, SampleMap map)
    : samples(static_cast<double>(train.columns().samples())) {
  const auto n = static_cast<std::size_t>(train.features());
  std::vector<double> column(n);
  const auto visit = [&](auto&& f) {
    for (Index p = 0; p < train.columns().panels(); ++p)
      for (Index j = 0; j < train.local_count(p); ++j) {
        train.values(p, j, column.data());
        if (map) map(train.features(), column.data());
        for (std::size_t i = 0; i < n; ++i) f(i, column[i]);
      }
  };
  find(n, visit, false, comm);
}

Moments::Moments(const SparseStagedSet& train, MPI_Comm comm)
    : samples(static_cast<double>(train.columns().samples())) {
  const auto visit = [&](auto&& f) {
    train.for_each([&](Index feature, double x) { f(static_cast<std::size_t>(feature), x); });
  };
  find(static_cast<std::size_t>(train.features()), visit, true, comm);
}

template <class Visit>
void Moments::find(std::size_t features, const Visit& visit, bool zeros, MPI_Comm comm) {
  present.assign(features, 0.0);
  zeros_.assign(features, 0.0);
  find_range(visit, zeros, comm);
  find_mean(visit, comm);
  find_deviation(visit, comm);
}

template <class Visit>
void Moments::find_range(const Visit& visit, bool zeros, MPI_Comm comm) {
  const std::size_t n = present.size();
  smallest.assign(n, std::numeric_limits<double>::infinity());
  largest.assign(n, -std::numeric_limits<double>::infinity());
  visit([&](std::size_t i, double x) {
    if (std::isnan(x)) return;
    present[i] += 1.0;
    smallest[i] = std::min(smallest[i], x);
    largest[i] = std::max(largest[i], x);
  });
  reduce(present, MPI_SUM, comm);
  reduce(smallest, MPI_MIN, comm);
  reduce(largest, MPI_MAX, comm);
  for (std::size_t i = 0; zeros && i < n; ++i) {
    zeros_[i] = samples - present[i];
    present[i] = samples;
    if (zeros_[i] == 0.0) continue;
    smallest[i] = std::min(smallest[i], 0.0);
    largest[i] = std::max(largest[i], 0.0);
  }
  exponent_.assign(n, 0);
  down_.assign(n, 1.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double magnitude = std::max(std::abs(smallest[i]), std::abs(largest[i]));
    if (present[i] == 0.0 || magnitude == 0.0) continue;
    std::frexp(magnitude, &exponent_[i]);
    exponent_[i] = std::max(exponent_[i], kLowestExponent);
    down_[i] = std::ldexp(1.0, -exponent_[i]);
  }
}

template <class Visit>
void Moments::find_mean(const Visit& visit, MPI_Comm comm) {
  const std::size_t n = present.size();
  reduced_mean_.assign(n, 0.0);
  visit([&](std::size_t i, double x) {
    if (!std::isnan(x)) reduced_mean_[i] += x * down_[i];
  });
  reduce(reduced_mean_, MPI_SUM, comm);
  mean.assign(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    if (present[i] == 0.0) continue;
    // A constant feature must not get a variance from rounding.
    const bool constant = smallest[i] == largest[i];
    reduced_mean_[i] = constant ? smallest[i] * down_[i] : reduced_mean_[i] / present[i];
    mean[i] = constant ? smallest[i] : std::ldexp(reduced_mean_[i], exponent_[i]);
  }
}

template <class Visit>
void Moments::find_deviation(const Visit& visit, MPI_Comm comm) {
  const std::size_t n = present.size();
  reduced_variance_.assign(n, 0.0);
  visit([&](std::size_t i, double x) {
    if (std::isnan(x)) return;
    const double distance = x * down_[i] - reduced_mean_[i];
    reduced_variance_[i] += distance * distance;
  });
  reduce(reduced_variance_, MPI_SUM, comm);
  deviation.assign(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    reduced_variance_[i] += zeros_[i] * reduced_mean_[i] * reduced_mean_[i];
    if (present[i] > 0.0) reduced_variance_[i] /= present[i];
    deviation[i] = std::ldexp(std::sqrt(reduced_variance_[i]), exponent_[i]);
  }
}

double Moments::global_deviation() const {
  int highest = std::numeric_limits<int>::min();
  for (std::size_t i = 0; i < deviation.size(); ++i)
    if (reduced_variance_[i] > 0.0) highest = std::max(highest, exponent_[i]);
  if (highest == std::numeric_limits<int>::min()) return 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < deviation.size(); ++i)
    sum += std::ldexp(reduced_variance_[i], 2 * (exponent_[i] - highest));
  return std::ldexp(std::sqrt(sum / static_cast<double>(deviation.size())), highest);
}

bool Moments::any_missing() const {
  return std::any_of(present.begin(), present.end(), [&](double p) { return p < samples; });
}

}  // namespace admmnet
