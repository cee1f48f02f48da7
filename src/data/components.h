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

/// How many of the directions with these eigenvalues are taken; 0: none, the features stay as they
/// are. Throws BadInput for more than there are.
Index component_count(const Components& components, const std::vector<double>& eigenvalues);

/// The same before anything is read: the most that it can be.
Index most_components(const Components& components, Index features);

/// Keeps the first `count` directions of learn_eigenvectors' result; 0: the scaling alone.
void keep_components(Index count, Preprocessing& preprocessing);

/// Whether inputs are components, and whether only values say how many.
bool has_components(const DataOptions& options);
bool are_open(const std::optional<Components>& components);

/// Whether the Gram matrix of the inputs, with a row of ones, is diagonal: components of features
/// whose mean is 0.
bool has_uncorrelated_inputs(const DataOptions& options);

/// "240 of 784, 0.975 of the trace"; "none".
std::string components_text(const Preprocessing& preprocessing);

}  // namespace admmnet
