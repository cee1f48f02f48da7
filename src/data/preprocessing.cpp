#include "data/preprocessing.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>

#include "data/moments.h"
#include "data/rotation.h"
#include "data/spectrum.h"
#include "data/square_roots.h"
#include "data/staging.h"
#include "data/whitening.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// Beyond it a scaled value is cut off. What training saw lies within sqrt(samples * features), so
/// this touches only values of other samples that are out of all proportion; a layer can still sum
/// their squares. Without scaling (none) values are taken as they are.
constexpr double kLargestScaled = 1e100;

/// 1 / x, or 1 where there is nothing to scale: no deviation, or one that has no inverse.
double inverse_or_one(double x) {
  const bool has_inverse = x > 0.0 && std::isfinite(x) && std::isfinite(1.0 / x);
  return has_inverse ? 1.0 / x : 1.0;
}

/// max(sd, max|x| sqrt(r (1 - r))), or 0 where sd is.
double bounded_deviation(const Moments& moments, std::size_t i) {
  constexpr double kShare = 1e-3, kSamples = 10.0;
  const double r = std::max(kShare, std::min(kSamples / moments.samples, 0.5));
  const double largest = std::max(std::abs(moments.smallest[i]), std::abs(moments.largest[i]));
  const double sd = moments.deviation[i];
  return sd > 0.0 ? std::max(sd, largest * std::sqrt(r * (1.0 - r))) : 0.0;
}

/// Brings [low, high] to [0, 1]; the difference of the two may be beyond the largest number.
void scale_range(double low, double high, Preprocessing& result) {
  if (low > high) return;  // no value at all
  const double range = high - low;
  const double scale =
      std::isfinite(range) ? inverse_or_one(range) : 0.5 / (0.5 * high - 0.5 * low);
  std::fill(result.shift.begin(), result.shift.end(), low);
  std::fill(result.scale.begin(), result.scale.end(), scale);
}

/// (x - shift) * scale where that is not an ordinary number: x is missing, or the difference or the
/// product is beyond the largest number.
double scaled_with_care(const Preprocessing& preprocessing, std::size_t i, double x) {
  const double shift = preprocessing.shift[i], scale = preprocessing.scale[i];
  if (std::isnan(x)) x = preprocessing.fill.empty() ? shift : preprocessing.fill[i];
  double y = (x - shift) * scale;
  if (std::isinf(x - shift)) y = x * scale - shift * scale;
  return preprocessing.kind == Scaling::none ? y : std::clamp(y, -kLargestScaled, kLargestScaled);
}

}  // namespace

bool Preprocessing::operator==(const Preprocessing& other) const {
  const auto members = [](const Preprocessing& p) {
    return std::tie(p.kind, p.shift, p.scale, p.rotation, p.fill, p.pool, p.hops, p.unit,
                    p.eigenvalues, p.rest_of_trace);
  };
  return members(*this) == members(other);
}

double Preprocessing::left_out() const {
  if (!has_components() || has_whitened_components()) return 0.0;
  return std::accumulate(eigenvalues.begin() + inputs(), eigenvalues.end(), rest_of_trace);
}

Preprocessing fit_preprocessing(Scaling kind, bool pixels, const Moments& moments,
                                const StagedSet& train, MPI_Comm comm) {
  if (kind == Scaling::whiten)
    check_rotated("-data_scaling whiten", train.features(), "use -data_scaling standard");
  Preprocessing result = fit_preprocessing(kind, pixels, moments, train.features());
  if (kind == Scaling::whiten) result.rotation = whitening_rotation(result, train, comm);
  return result;
}

Preprocessing fit_preprocessing(Scaling kind, bool pixels, const Moments& moments, Index features) {
  const auto n = static_cast<std::size_t>(features);
  Preprocessing result;
  result.kind = kind;
  result.unit = unit_of(kind, pixels);
  result.shift.assign(n, 0.0);
  result.scale.assign(n, 1.0);
  if (!needs_moments(kind, pixels)) {
    result.scale.assign(n, 1.0 / 255.0);
    return result;
  }
  if (moments.any_missing()) result.fill = moments.mean;
  if (kind == Scaling::none) return result;
  if (kind == Scaling::unit) {
    scale_range(*std::min_element(moments.smallest.begin(), moments.smallest.end()),
                *std::max_element(moments.largest.begin(), moments.largest.end()), result);
    return result;
  }
  if (kind == Scaling::deviation) {
    for (std::size_t i = 0; i < n; ++i)
      result.scale[i] = inverse_or_one(bounded_deviation(moments, i));
    return result;
  }
  result.shift = moments.mean;
  if (kind == Scaling::standard)
    std::transform(moments.deviation.begin(), moments.deviation.end(), result.scale.begin(),
                   inverse_or_one);
  else
    result.scale.assign(n, inverse_or_one(moments.global_deviation()));
  return result;
}

double scaled_entry(const Preprocessing& preprocessing, Index feature, double x) {
  const double y = x * preprocessing.scale[static_cast<std::size_t>(feature)];
  return preprocessing.kind == Scaling::none ? y : std::clamp(y, -kLargestScaled, kLargestScaled);
}

void apply_preprocessing(const Preprocessing& preprocessing, const StagedSet& set, Index panel,
                         double* out, Index leading_dimension) {
  const Index n = set.features();
  ADMMNET_REQUIRE(
      preprocessing.features() == n && static_cast<Index>(preprocessing.scale.size()) == n &&
          (preprocessing.fill.empty() || static_cast<Index>(preprocessing.fill.size()) == n) &&
          static_cast<Index>(preprocessing.rotation.size()) % n == 0,
      "apply_preprocessing: made for " + std::to_string(preprocessing.features()) +
          " features, the samples have " + std::to_string(n));
  const SampleMap map = sample_map(preprocessing.kind, preprocessing.unit);
  const auto scaled = [&](Index j, double* x) {
    set.values(panel, j, x);
    if (map) map(n, x);
    for (Index i = 0; i < n; ++i) {
      const auto feature = static_cast<std::size_t>(i);
      const double y = (x[i] - preprocessing.shift[feature]) * preprocessing.scale[feature];
      x[i] = !std::isnan(y) && std::abs(y) <= kLargestScaled
                 ? y
                 : scaled_with_care(preprocessing, feature, x[i]);
    }
  };
  const Index count = set.local_count(panel);
  if (preprocessing.rotation.empty())
    for (Index j = 0; j < count; ++j) scaled(j, out + j * leading_dimension);
  else
    rotate_columns(preprocessing.rotation, n, preprocessing.inputs(), count, scaled, out,
                   leading_dimension);
}

}  // namespace admmnet
