#include "methods/taylor/targets.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "proximal/hidden_z.h"

namespace admmnet {

BackwardTargets::BackwardTargets(const Network& network, const ResyncParameters& parameters,
                                 Index widest, Index columns)
    : damping_(parameters.damping),
      ratio_(parameters.penalty_ratio),
      side_(correction_side(parameters.activation_solver)),
      columns_(columns) {
  for (const bool along_ray : parameters.along_ray) ways_.emplace_back().along_ray = along_ray;
  for (int l = 1; l <= network.layers(); ++l)
    D_.push_back(network.make_sample_like(network.topology().width(l), widest));
}

void BackwardTargets::take_weights(const Network& network, std::vector<double*>& sums) {
  for (int l = 2; l <= network.layers(); ++l) {
    double& squares = ways_[static_cast<std::size_t>(l - 2)].squares;
    squares = own_sum_of_squares(network.W(l), network.topology().width(l - 1));
    sums.push_back(&squares);
  }
}

void BackwardTargets::form(const Network& network, const ForwardPass& forward, Notes& notes) {
  for (int l = 2; l <= network.layers(); ++l) {
    const Topology& topology = network.topology();
    const Index n = topology.width(l - 1);
    Way& way = ways_[static_cast<std::size_t>(l - 2)];
    const double scale = way.squares / static_cast<double>(topology.width(l));
    // A zero matrix passes no target on, whatever is divided by.
    way.eps = scale > 0.0 ? damping_ * scale : 1.0;
    if (way.along_ray) continue;
    note_fallback(way.correction.form(forward.weights(l), n, way.eps, side_, columns_),
                  "targets of layer " + std::to_string(l - 1), notes);
  }
}

void BackwardTargets::set_output(const ForwardPass& forward, const OutputColumns& wished) {
  const int L = static_cast<int>(D_.size());
  D(L).set_cols(forward.columns());
  wished.give(D(L));
  for_each_entry([](double& d, double z) { d -= z; }, D(L), forward.z(L));
}

void BackwardTargets::run(const Network& network, const ForwardPass& forward) {
  const int L = network.layers();
  for (int l = L; l >= 1; --l) {
    if (l < L) {
      D(l).set_cols(forward.columns());
      Way& way = ways_[static_cast<std::size_t>(l - 1)];
      if (way.along_ray)
        way.ray.apply(forward.weights(l + 1), way.eps, D(l + 1), D(l));
      else
        way.correction.apply(D(l + 1), 0.0, D(l));
    }
    constexpr double kHiddenStep = 8.0;  // doubles' worth of work for an entry, in all
    account_for_entries(D(l), kHiddenStep);
    const Index rows = D(l).local_rows(), cols = D(l).local_cols();
    column_sums_.resize(static_cast<std::size_t>(cols));  // the same whatever the threads
    in_parts(cols, rows * cols, [&](Index first, Index last) {
      for (Index j = first; j < last; ++j) {
        const double* z = forward.z(l).column(j);
        double* d = D(l).column(j);
        if (l < L)
          hidden_z_step(network.topology().activation, static_cast<std::size_t>(rows), z, ratio_,
                        d);
        column_sums_[static_cast<std::size_t>(j)] = {sum_of_squares(d, rows),
                                                     sum_of_squares(z, rows)};
      }
    });
    for (const Squares& squares : column_sums_) squares_ += squares;
  }
}

Squares BackwardTargets::take_squares(const ProcessGrid& grid) {
  double sums[2] = {squares_.change, squares_.size};
  squares_ = {};
  grid.sum(sums, 2);
  return {sums[0], sums[1]};
}

}  // namespace admmnet
