/// Scaling of the inputs: what it is, how it is learnt from training samples, how it is applied.
#pragma once

#include <vector>

#include <mpi.h>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

class StagedSet;

/// x' = rotation * ((x - shift) * scale), element-wise inside the bracket; x is the value in the
/// file (a byte 0..255, or the number in a CSV field). With mu_i and sd_i the mean and the standard
/// deviation (divisor N) of feature i, and sd = sqrt(mean_i sd_i^2), all over the TRAINING samples:
///
///   none      x / 255 for bytes, x for CSV
///   unit      to [0, 1]: x / 255 for bytes, (x - min) / (max - min) over all features for CSV
///   centred   (x_i - mu_i) / sd
///   standard  (x_i - mu_i) / sd_i; a constant feature becomes 0
///   whiten    ZCA: U (L + e I)^(-1/2) U' applied to the centred x, where U L U' is the covariance
///   of
///             the centred x (mean eigenvalue 1) and e = kWhiteningRidge
///
/// It is part of a trained network: `predict` applies the one that training learnt.
struct Preprocessing {
  Scaling kind = Scaling::none;
  std::vector<double> shift, scale;  ///< one entry a feature
  std::vector<double> rotation;      ///< features x features, symmetric; empty: the identity
};

/// Keeps directions without variance (dead pixels) from being blown up; relative to the mean
/// variance.
constexpr double kWhiteningRidge = 1e-3;

/// Whitening holds and factors a features x features matrix on one rank, so it has a bound.
constexpr Index kWhiteningFeatures = 4096;

/// Learns it from the training samples, in two passes over them (mean, then centred squares).
/// Collective on comm: sums over the ranks of n numbers (n^2 for whitening, n = features). About
/// 5 n N / P flops (n^2 N / P more and 10 n^3 on one rank for whitening). Throws BadInput when
/// there are too many features to whiten.
Preprocessing fit_preprocessing(Scaling kind, const StagedSet& train, MPI_Comm comm);

/// Writes the scaled features of this rank's columns of a panel into `out`, column j at
/// out + j * leading_dimension. Rank-local; 2 n flops a column (2 n^2 with a rotation).
void apply_preprocessing(const Preprocessing& preprocessing, const StagedSet& set, Index panel,
                         double* out, Index leading_dimension);

}  // namespace admmnet
