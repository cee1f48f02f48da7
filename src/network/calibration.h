/// From the outputs of a trained network to probabilities, where label smoothing has made them too
/// flat.
#pragma once

#include <vector>

#include <mpi.h>

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// What becomes of the logits z of the loss softmax before they are taken for probabilities
/// softmax(z). A part of the trained network. The class of the largest output stays what it was.
///
/// With a temperature tau != 1: tau z. (Guo et al., 2017, with tau for their 1/T; fitted on
/// validation samples, one number hardly overfits.) Else, with label smoothing s > 0:
/// log max((p - s/C) / (1 - s), kLeastShare / C) for p = softmax(z), which takes the smoothing out
/// again, as p has been trained towards (1 - s) e_y + s/C. Else z.
struct Calibration {
  double temperature = 1.0;      ///< tau
  double label_smoothing = 0.0;  ///< s

  bool none() const { return temperature == 1.0 && label_smoothing == 0.0; }
  /// z, C = `outputs` numbers, in place. About 2 exponentials an output.
  void apply(Index outputs, double* z) const;
};

constexpr double kLeastShare = 0.002;       ///< of 1/C: the least that is left of a probability
constexpr Index kTemperatureSamples = 200;  ///< fewer validation samples fit no temperature
constexpr double kLeastTemperature = 0.05, kLargestTemperature = 20.0;

/// p := softmax(z), C = `outputs` numbers, in place.
void softmax(Index outputs, double* z);

/// Output columns of samples with labels, one after the other: on each rank its own.
struct LabelledOutputs {
  Index outputs = 0;
  std::vector<double> z;
  std::vector<int> labels;
};

/// tau = argmin (1/N) sum_j [ log sum_i exp(tau z_ij) - tau z_(y_j)j ] over all ranks' samples,
/// within kLeastTemperature .. kLargestTemperature; 1 where no tau is better than another, or where
/// the z are not finite. The sum is convex in tau, with the derivatives
/// sum_j (E_p[z] - z_y) and sum_j Var_p[z], p = softmax(tau z): Newton's method, by bisection (of
/// log tau) where it leaves the bracket that the signs of the first give. The same to the last bit
/// on every rank; to some 1e-10, relatively, on any number of them. Collective on comm: two
/// messages of 2 numbers a step, about 10 steps (40 at an end of the interval).
double fit_temperature(const LabelledOutputs& of_rank, MPI_Comm comm);

/// That of a network trained with its topology's label smoothing: with a temperature where there
/// are kTemperatureSamples validation samples, none at all without smoothing. Collective on the
/// grid; a forward pass over the samples, whose outputs are kept, outputs x samples / P numbers.
Calibration fit_calibration(const Network& network, const SampleSet& validation);

}  // namespace admmnet
