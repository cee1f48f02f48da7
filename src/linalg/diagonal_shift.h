/// What is added to the diagonal of a Gram matrix, and how solving with it went.
#pragma once

#include <string>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// What is added to the diagonal of a Gram matrix before it is factored.
struct DiagonalShift {
  double all = 0.0;    ///< to every entry
  double units = 0.0;  ///< to every entry but the last `exempt`, so that biases are not shrunk
  Index exempt = 0;
  /// The shift of entry i of n.
  double at(Index i, Index n) const { return all + (i < n - exempt ? units : 0.0); }
};

/// The condition of G + shift. moderate: at most 1e4 or so, of a G that products of samples formed.
/// Solves then take the inverses of the factor's diagonal blocks (local_cholesky.h), and those from
/// the right are in float where products are: with products in single, G carries their error, of
/// 1e-6 of its largest eigenvalue, and a solve in float is as good.
enum class Condition { any, moderate };

/// How a factorisation or a solve went. A fallback is not an error: it is logged and counted.
struct FactorStatus {
  int attempts = 1;      ///< 1: as asked
  double added = 0.0;    ///< what had to be added to the diagonal besides, 0 if nothing
  int failed_minor = 0;  ///< order of the leading minor that was not positive definite, 0: none
  std::string instead;   ///< why another solver of the menu was taken, and which; empty: none
  bool fell_back() const { return attempts > 1 || !instead.empty(); }
};

}  // namespace admmnet
