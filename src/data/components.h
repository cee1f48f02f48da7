/// Inputs in the eigenbasis of their Gram matrix: how many, and what that makes of a scaling.
///
/// G = X X^T = U diag(lambda) U^T, lambda descending, X the scaled training samples, features x N.
/// The network's inputs are x' = U_k^T x with the first k eigenvectors: of all projections to k
/// numbers the one that keeps most of |X|^2, sum_{i<=k} lambda_i of tr(G). Their Gram matrix is
/// diag(lambda_1 ... lambda_k), and where features have mean 0 so it is with a row of ones, whose
/// entry is N. (Principal components: Jolliffe 2002.)
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace admmnet {

/// What -data_components auto asks for: this share of the trace of centred images, if half of the
/// features hold it. `wanted`: by the method. A rotation of all features would make the first
/// layer's solves a division too; it is left to the deck, since it reads the data twice.
constexpr double kDefaultShare = 0.975;
Components default_components(const DataOptions& options, bool wanted);

/// How many of the directions are taken; 0: none, the features stay as they are, or so large a
/// share is not among the eigenvalues that are known: the largest, and the sum of the others is
/// `rest`. Throws BadInput for more than there are.
Index component_count(const Components& components, Index features,
                      const std::vector<double>& eigenvalues, double rest = 0.0);

/// The same before anything is read: the most that it can be.
Index most_components(const Components& components, Index features);

/// Directions of sparse samples that are looked for to reach a share, at most; directions times
/// features that every rank holds, at most: 1 GiB.
constexpr Index kMostOfShare = 1000;
constexpr Index kMostOfDirections = Index{1} << 27;

/// The most components that sparse samples can have: of so many features and samples.
Index most_sparse_components(Index features, Index samples);

/// Throws BadInput where a number of components of sparse samples is more than there can be.
void check_sparse_components(const Components& components, Index features, Index samples);

/// Keeps the first `count` directions of learn_eigenvectors' result; 0: the scaling alone.
void keep_components(Index count, Preprocessing& preprocessing);

/// For whiten: column j of the rotation becomes u_j (lambda_j/N + e)^(-1/2) of N samples, with
/// e = kWhiteningRidge, so that inputs have the covariance L (L + e I)^(-1). Else nothing.
void whiten_components(Index samples, Preprocessing& preprocessing);

/// Whether inputs are components, and whether only values say how many.
bool has_components(const DataOptions& options);
bool are_open(const std::optional<Components>& components);

/// Whether the Gram matrix of the inputs, with a row of ones, is diagonal: components of features
/// whose mean is 0.
bool has_uncorrelated_inputs(const DataOptions& options);

/// "240 of 784, 0.975 of the trace"; "none".
std::string components_text(const Preprocessing& preprocessing);

}  // namespace admmnet
