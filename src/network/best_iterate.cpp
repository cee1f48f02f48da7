#include "network/best_iterate.h"

#include <limits>

namespace admmnet {

BestIterate::BestIterate(const Network& network)
    : network_(network.grid(), network.topology(), network.unit_block()),
      score_(-std::numeric_limits<double>::infinity()) {
  network_.copy_weights_from(network);
}

bool BestIterate::offer(const Network& network, Index iteration, double score) {
  if (!(score >= score_)) return false;
  score_ = score;
  iteration_ = iteration;
  network_.copy_weights_from(network);
  return true;
}

void BestIterate::follow(const Network& network) {
  if (iteration_ == 0) network_.copy_weights_from(network);
}

void BestIterate::append_state(StateView& view) {
  network_.append_state("", view);
  const double infinity = std::numeric_limits<double>::infinity();
  view.scalars.push_back({"best/score", &score_, nullptr, -infinity, infinity});
  view.scalars.push_back({"best/iteration", nullptr, &iteration_, 0.0, largest_count});
}

}  // namespace admmnet
