#include "methods/random_features/fourier_features.h"

#include <cmath>

#include "network/normalised_units.h"
#include "runtime/heartbeat.h"
#include "runtime/random.h"

namespace admmnet {

double sigma_by_distances(const SampleSet& train) {
  RowMoments moments;
  for (const SamplePanel& panel : train.panels) {
    BlockCyclicMatrix widened;
    moments.add(panel.a().dense(widened));
    beat("width of the kernel");
  }
  moments.finish(train.panels.front().a().grid());
  double sum = 0.0;  // a row of ones adds nothing
  for (const double variance : moments.variance()) sum += variance;
  return sum > 0.0 ? std::sqrt(sum) : 1.0;
}

void draw_fourier_features(double sigma, Index seed, Network& network) {
  const CounterRandom random(seed, Stream::weights, 1);
  const Index inputs = network.topology().width(0);
  network.W(1).fill([&](Index i, Index j) {
    return j < inputs ? random.normal(i, j) / sigma : 2.0 * M_PI * random.uniform(i, j);
  });
}

}  // namespace admmnet
