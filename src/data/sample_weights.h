/// What samples count: weights of samples (-data_weight_column, -data_weight_path) on their way to
/// the panels, and weights of classes (-net_class_weights).
#pragma once

#include <vector>

#include "config/options.h"
#include "data/dataset.h"
#include "data/split.h"

namespace admmnet {

struct Contents;  // data/contents.h

/// Throws BadInput unless all weights of a file are finite numbers >= 0. Rank-local.
void check_weights(const Contents& contents);

/// Of the samples to train on as they stand in the file, in the order of the training set; 1 where
/// the file has none. Throws BadInput where all are 0. Not collective.
std::vector<double> training_weights(const DataShape& shape, const Placement& placement);

/// All sets of a data set get theirs, divided by the mean over the samples to train on: this mean
/// is then 1, so that penalties and ridges keep their meaning. Nothing where a file has none.
/// Throws BadInput for a set whose weights are all 0. Not collective, the same on every rank.
void give_weights(const DataShape& shape, Index seed, HoldOut how, const ProcessGrid& grid,
                  Dataset& data);

/// Whether samples of the training file do not count alike, by themselves or by their classes.
/// Throws as training_weights(). Not collective, the same on every rank.
bool has_weights(const DataShape& shape, Index seed, const ClassWeights& asked);

/// The weights c_k of the classes, in the order of the labels; empty for `none`. With n_k the sum
/// of the weights of the samples to train on that have class k, and n that of all,
///   c_k = a_k n / sum_k n_k a_k,   a_k = 1/n_k (balanced), or as listed.
/// balanced is n/(K n_k) for K classes that have samples (King and Zeng, Political Analysis 9,
/// 2001). The mean of v_j c_(y_j) over the samples to train on is that of their weights v_j, so
/// that penalties and ridges keep their meaning here, too. 1 each for a shape without files. Throws
/// BadInput for a list of another length, or with 0 for all classes that have samples. Not
/// collective, the same on every rank.
std::vector<double> class_weights(const DataShape& shape, Index seed, const ClassWeights& asked);

}  // namespace admmnet
