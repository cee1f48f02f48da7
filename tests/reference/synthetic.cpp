#include "reference/synthetic.h"

#include <algorithm>

#include "runtime/random.h"

namespace admmnet::reference {

Problem synthetic_problem(Index features, Index samples, const std::vector<Index>& hidden,
                          Index outputs, Index seed) {
  const CounterRandom noise(seed, Stream::shuffle), centres(seed, Stream::validation);
  const Index classes = std::max<Index>(outputs, 2);
  Problem problem;
  problem.X = Matrix(features, samples);
  problem.hidden = hidden;
  problem.outputs = outputs;
  problem.seed = seed;
  if (outputs == 1) problem.loss = Loss::squared;
  for (Index j = 0; j < samples; ++j) {
    const Index label = j % classes, cloud = (j / classes) % 2;
    problem.labels.push_back(static_cast<int>(label));
    for (Index i = 0; i < features; ++i) {
      problem.X(i, j) = 1.5 * centres.normal(i, 2 * label + cloud) + 0.7 * noise.normal(i, j);
    }
  }
  return problem;
}

}  // namespace admmnet::reference
