#include "methods/gauss_newton/linearisation.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/backpropagation.h"
#include "network/metrics.h"

namespace admmnet {

Linearisation::Linearisation(const Network& network, Index widest, std::size_t panels)
    : weights_(static_cast<std::size_t>(network.layers())),
      tangents_(weights_.size()),
      output_(network.grid(), network.topology().outputs(), widest) {
  const Topology& topology = network.topology();
  for (std::size_t p = 0; p < panels; ++p) {
    points_.push_back({nullptr, {}, {}, {network.grid(), topology.outputs(), widest}});
    for (int l = 1; l < layers(); ++l) {
      points_.back().a.push_back(network.make_sample_like(topology.extended(l), widest));
      points_.back().slope.push_back(network.make_sample_like(topology.width(l), widest));
    }
  }
  for (int l = 1; l <= layers(); ++l) {
    tau_.push_back(network.make_sample_like(topology.width(l), widest));
    sums_.emplace_back(Triangle::full);
  }
}

SampleOperand Linearisation::input(const Point& point, int l) const {
  if (l == 0) return point.panel->a();
  return point.a[static_cast<std::size_t>(l - 1)];
}

void Linearisation::set_cols(Index cols) {
  for (BlockCyclicMatrix& tau : tau_) tau.set_cols(cols);
}

void Linearisation::set(const Network& network, const std::vector<const SamplePanel*>& panels) {
  network_ = &network;
  used_ = panels.size();
  columns_ = 0;
  for (int l = 1; l <= layers(); ++l) weights(l).assign(network.W(l));
  for (std::size_t p = 0; p < used_; ++p) {
    points_[p].panel = panels[p];
    columns_ += panels[p]->count;
    run_forward(points_[p]);
  }
}

/// z_l = W~_l a~_{l-1},  a_l = h(z_l),  and h'(z_l)
void Linearisation::run_forward(Point& point) {
  const Activation& h = network_->topology().activation;
  set_cols(point.panel->count);
  for (int l = 1; l <= layers(); ++l) {
    apply(weights(l), input(point, l - 1), tau(l));
    if (l == layers()) break;
    BlockCyclicMatrix &a = point.a[static_cast<std::size_t>(l - 1)],
                      &slope = point.slope[static_cast<std::size_t>(l - 1)];
    a.set_cols(point.panel->count);
    activate_extended(h, tau(l), a);
    slope.set_cols(point.panel->count);
    slope.fill_constant(1.0);
    differentiate(h, tau(l), slope);
  }
  point.z.take(tau(layers()));
}

std::vector<double> Linearisation::residuals(const Objective& objective, Index output) {
  std::vector<double> all;
  for (std::size_t p = 0; p < used_; ++p) {
    const Point& point = points_[p];
    fill_coded_targets(objective, *point.panel, 0.0, output_);
    for (Index j = 0; j < output_.count(); ++j)
      if (point.panel->targets.given(j))
        all.push_back(point.z.column(j)[output] - output_.column(j)[output]);
  }
  return all;
}

/// x := factor x, entry by entry.
static void scale(const BlockCyclicMatrix& factor, BlockCyclicMatrix& x) {
  for_each_entry_in_parts([](double& value, double by) { value *= by; }, x, factor);
}

/// tau_1 = V_1 a~_0,  tau_l = W_l (h' tau_{l-1}) + V_l a~_{l-1}
void Linearisation::push_forward(const Point& point) {
  set_cols(point.panel->count);
  apply(tangent(1), input(point, 0), tau(1));
  for (int l = 2; l <= layers(); ++l) {
    scale(point.slope[static_cast<std::size_t>(l - 2)], tau(l - 1));
    apply(weights(l), tau(l - 1), tau(l));
    add_applied(tangent(l), point.a[static_cast<std::size_t>(l - 2)], tau(l));
  }
}

/// Calls use(l, a~_{l-1}) when tau_l holds delta_l: delta_{l-1} = h' W_l^T delta_l.
template <class Use>
void Linearisation::pull_back(const Point& point, Use&& use) {
  for (int l = layers(); l >= 1; --l) {
    use(l, input(point, l - 1));
    if (l == 1) break;
    apply_transposed(1.0, weights(l), tau(l), 0.0, tau(l - 1));
    scale(point.slope[static_cast<std::size_t>(l - 2)], tau(l - 1));
  }
}

void Linearisation::multiply(const Network& V, Network& product) {
  std::vector<OuterSum*> sums;
  for (int l = 1; l <= layers(); ++l) {
    tangent(l).assign(V.W(l));
    sum(l).begin(product.W(l));
    sums.push_back(&sum(l));
  }
  const double weight = 1.0 / static_cast<double>(columns_);
  for (std::size_t p = 0; p < used_; ++p) {
    const Point& point = points_[p];
    push_forward(point);
    // e = H tau_L
    output_.take(tau(layers()));
    network_->objective().apply_curvature(point.z, point.panel->targets, output_);
    output_.give(tau(layers()));
    // 1/N_s sum delta_l a~_{l-1}^T
    pull_back(point, [&](int l, const SampleOperand& a) { sum(l).add(weight, tau(l), a); });
  }
  OuterSum::finish(sums);
}

void Linearisation::form(const CounterRandom& random, KroneckerFactors& factors) {
  const double weight = 1.0 / static_cast<double>(columns_);
  factors.begin();
  for (std::size_t p = 0; p < used_; ++p) {
    const Point& point = points_[p];
    const SamplePanel& panel = *point.panel;
    set_cols(panel.count);
    output_.matrix().set_cols(panel.count);
    network_->objective().draw_curvature(point.z, panel.targets, random, panel.first, output_);
    output_.give(tau(layers()));
    pull_back(point, [&](int l, const SampleOperand& a) { factors.add(l, weight, a, tau(l)); });
  }
  factors.finish();
}

}  // namespace admmnet
