/// Scaling of the inputs: what it is, how it is learnt from training samples, how it is applied.
#pragma once

#include <vector>

#include <mpi.h>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

class StagedSet;
struct Moments;

/// x' = rotation^T ((x - shift) * scale), element-wise inside the bracket; x is the value in the
/// file (a byte 0..255 or the mean of some, or the number in a CSV field). With mu_i and sd_i the
/// mean and the standard deviation (divisor N) of feature i, and sd = sqrt(mean_i sd_i^2), all over
/// the values that are there in the TRAINING samples:
///
///   none      x / 255 for bytes, x for CSV
///   unit      to [0, 1]: x / 255 for bytes, (x - min) / (max - min) over all features for CSV
///   centred   (x_i - mu_i) / sd
///   standard  (x_i - mu_i) / sd_i; a constant feature becomes 0
///   deviation x_i / max(sd_i, max|x_i| sqrt(r (1 - r))),  r = max(1/1000, min(10/N, 1/2)): the
///             deviation is not below that of a feature which is max|x_i| in a share r of the
///             samples and else 0, so that |x'| <= 1/sqrt(r (1 - r)) <= 32 in training however
///             rare a feature is; a constant feature stays as it is
///   sqn       (q_i - mu_i) / sd, where q are the square roots of the sample over that of its mean
///             (square_roots.h), and mu and sd are those of q; no value may be negative
///   whiten    ZCA: U (L + e I)^(-1/2) U' applied to the centred x, where U L U' is the covariance
///             of the centred x (mean eigenvalue 1) and e = kWhiteningRidge
///
/// With components (components.h) rotation holds eigenvectors of the features' Gram matrix, and x'
/// has as many numbers as there are. For whiten it holds U_k (L_k + e I)^(-1/2) of the k directions
/// that are kept, which are not turned back: U_k' of ZCA's x', where k are all.
///
/// The bracket of sqn has q in the place of x. A missing value (NaN) is taken as mu_i. shift and
/// scale are finite and no scale is 0, whatever finite values the file holds; but for none, x' is
/// within 1e100 of 0, and cut off there.
///
/// It is part of a trained network: `predict` applies the one that training learnt.
struct Preprocessing {
  Scaling kind = Scaling::none;
  std::vector<double> shift, scale;  ///< one entry a feature
  std::vector<double> rotation;      ///< features x inputs, column-major; empty: the identity
  std::vector<double> fill = {};     ///< mu, for what is missing; empty: nothing may be
  Index pool = 1;                    ///< x are means over pool x pool pixels
  Index hops = 1;                    ///< x are so many blocks [H, SH, ...] (propagation.h)
  double unit = 1.0;                 ///< sqn: what counts as 1, the largest byte of pixels
  /// With components: eigenvalues of the Gram matrix of all training samples, descending, and the
  /// first of them those of the inputs; one a feature, or where samples are sparse the largest, and
  /// the sum of all others. Else empty, and 0.
  std::vector<double> eigenvalues = {};
  double rest_of_trace = 0.0;

  bool operator==(const Preprocessing& other) const;
  bool has_components() const { return !eigenvalues.empty(); }
  bool has_whitened_components() const { return has_components() && kind == Scaling::whiten; }
  /// Of the trace of the Gram matrix, what the inputs leave out; 0 without components, and where
  /// these are whitened: then each is as large as any other.
  double left_out() const;
  /// The features that inputs and left_out are together.
  Index accounted_features() const { return has_whitened_components() ? inputs() : features(); }

  Index features() const { return static_cast<Index>(shift.size()); }
  /// Numbers in x'.
  Index inputs() const {
    return rotation.empty() ? features() : static_cast<Index>(rotation.size() / shift.size());
  }
};

/// Keeps directions without variance (dead pixels) from being blown up; relative to the mean
/// variance.
constexpr double kWhiteningRidge = 1e-3;

/// Preprocessing::unit of a kind.
constexpr double unit_of(Scaling kind, bool pixels) {
  return kind == Scaling::sqn && pixels ? 255.0 : 1.0;
}

/// False where the scaling is known beforehand: bytes that are only brought to [0, 1].
constexpr bool needs_moments(Scaling kind, bool pixels) {
  return !pixels || (kind != Scaling::none && kind != Scaling::unit);
}

/// Makes it of the moments of the training samples (for sqn those of q), which may be empty unless
/// needs_moments.
/// Collective on comm for whiten (whitening.h). Throws BadInput when there are too many features to
/// whiten.
Preprocessing fit_preprocessing(Scaling kind, bool pixels, const Moments& moments,
                                const StagedSet& train, MPI_Comm comm);
/// The same for every kind but whiten, from moments alone. Not collective.
Preprocessing fit_preprocessing(Scaling kind, bool pixels, const Moments& moments, Index features);

/// x scale of one value, within 1e100 of 0 but for none: what apply_preprocessing makes of it less
/// shift scale.
double scaled_entry(const Preprocessing& preprocessing, Index feature, double x);

/// Writes x' of this rank's columns of a panel into `out`, column j at out + j * leading_dimension.
/// Rank-local; 2 n flops a column (and 2 n inputs() with a rotation), n = features.
/// For sqn no value of the set is negative (NegativeValues).
void apply_preprocessing(const Preprocessing& preprocessing, const StagedSet& set, Index panel,
                         double* out, Index leading_dimension);

}  // namespace admmnet
