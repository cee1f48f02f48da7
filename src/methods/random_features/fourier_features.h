/// Random Fourier features of a Gaussian kernel (Rahimi and Recht, NIPS 2007): README.md §3.
#pragma once

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// A width of the kernel by the data: sigma^2 = half the mean of |x - x'|^2 over pairs of samples =
/// the sum of the inputs' variances; 1 where no input varies. Collective on the grid of the
/// samples; two sums of as many numbers as there are inputs.
double sigma_by_distances(const SampleSet& train);

/// The hidden layer a = cos(W x + b) with W_ij ~ N(0, 1/sigma^2) and b_i ~ U[0, 2 pi), keyed by
/// (seed, layer 1, row, column): for n units (2/n) a(x) . a(y) is about exp(-|x - y|^2 / (2
/// sigma^2)). Needs biases. Not collective.
void draw_fourier_features(double sigma, Index seed, Network& network);

}  // namespace admmnet
