#include "methods/pdadmm/layer_group.h"

#include <algorithm>
#include <limits>

#include "linalg/elementwise.h"
#include "network/forward.h"
#include "runtime/error.h"

namespace admmnet {

LayerGroup::LayerGroup(const LayerParts& parts, int part, Network& whole, const SampleSet& train,
                       const PdadmmParameters& parameters)
    : parts_(parts),
      part_(part),
      samples_(train.samples),
      network_(&whole),
      panel_(&train.panels.front()),
      messages_(parts, part) {
  const ProcessGrid& grid = parts.grid(part);
  const Topology& topology = whole.topology();
  if (parts.count() > 1) {
    own_ = std::make_unique<Network>(grid, topology, whole.unit_block(), parts.first(part),
                                     parts.last(part));
    network_ = own_.get();
    own_panel_.count = samples_;
    panel_ = &own_panel_;
  }
  for (int l = parts.first(part); l <= parts.last(part); ++l) {
    layers_.try_emplace(l, *network_, l, samples_, parameters);
    if (l < topology.layers()) make_coupling(l);
  }
  if (has(topology.layers())) output_.emplace(grid, topology.outputs(), samples_);
  if (parts.count() == 1) layer(1).set_inputs(panel_->a());
}

template <class F>
void LayerGroup::for_each_layer(F&& f) {
  for (auto& [l, layer] : layers_)
    if (l < depth_ || l == layers_of_network()) f(l, layer);
}

template <class F>
void LayerGroup::for_each_sent_up(F&& f) {
  for_each_layer([&](int l, PdadmmLayer&) {
    if (l != layers_of_network() && !has(above(l))) f(l, parts_.of(above(l)));
  });
}

template <class F>
void LayerGroup::for_each_sent_down(F&& f) {
  for_each_layer([&](int l, PdadmmLayer&) {
    if (l > 1 && !has(below(l))) f(below(l), parts_.of(below(l)));
  });
}

template <class F>
void LayerGroup::guarded(Notes& notes, F&& update) {
  if (broken_) return;
  if (parts_.count() == 1) {
    update();
    return;
  }
  try {
    update();
  } catch (const NumericalBreakdown& breakdown) {
    broken_ = true;
    notes.emplace_back(breakdown.what());
  }
}

void LayerGroup::set_samples(BlockCyclicMatrix inputs, Targets targets) {
  own_panel_.inputs = std::move(inputs);
  own_panel_.targets = std::move(targets);
  if (has(1)) layer(1).set_inputs(panel_->a());
}

void LayerGroup::make_coupling(int l) {
  couplings_.try_emplace(l, *network_, l, samples_);
}

void LayerGroup::set_depth(int k) {
  depth_ = k;
  for_each_layer([&](int l, PdadmmLayer&) {
    if (l != layers_of_network()) make_coupling(l);
    if (l > 1) make_coupling(below(l));
  });
  for (auto coupling = couplings_.begin(); coupling != couplings_.end();) {
    const int l = coupling->first;
    const bool needed = has(l) || (l < depth_ && has(above(l)));
    coupling = needed ? std::next(coupling) : couplings_.erase(coupling);
  }
  for_each_layer([&](int l, PdadmmLayer& layer) {
    layer.connect(l == 1 ? nullptr : &coupling(below(l)),
                  l == layers_of_network() ? nullptr : &coupling(l));
  });
}

void LayerGroup::run_forward() {
  const Quantiser plain;
  for_each_layer([&](int l, PdadmmLayer& layer) {
    if (l > 1 && !has(below(l))) {
      Coupling& from = coupling(below(l));
      const int sign = tag(below(l), Kind::q);
      messages_.expect(parts_.of(below(l)), sign, from.q, units(below(l)), plain);
      messages_.receive(sign, from.q, units(below(l)), plain);
      copy_leading_rows(from.q, from.p);
      from.u.fill_constant(0.0);
    }
    layer.weights_changed();
    layer.run_forward();
    if (l != layers_of_network() && !has(above(l)))
      messages_.send(parts_.of(above(l)), tag(l, Kind::q), coupling(l).q, units(l), plain);
  });
  messages_.finish();
}

void LayerGroup::set_coded_output() {
  const bool signs = network_->topology().loss->wants_logits;
  BlockCyclicMatrix& z = layer(layers_of_network()).z();
  fill_coded_targets(network_->objective(), *panel_, signs ? 0.5 : 0.0, *output_);
  output_->give(z);
  if (signs) for_each_entry([](double& zi) { zi *= 2.0; }, z);
}

void LayerGroup::resume() {
  const Quantiser plain;
  const auto matrix = [&](int l, Kind kind) -> BlockCyclicMatrix& {
    Coupling& c = coupling(l);
    return kind == Kind::p ? c.p : kind == Kind::q ? c.q : c.u;
  };
  constexpr Kind kAll[] = {Kind::p, Kind::q, Kind::u};
  for_each_sent_down([&](int l, int part) {
    for (const Kind kind : kAll)
      messages_.expect(part, tag(l, kind), matrix(l, kind), units(l), plain);
  });
  for_each_sent_up([&](int l, int part) {
    for (const Kind kind : kAll)
      messages_.send(part, tag(l, kind), matrix(l, kind), units(l), plain);
  });
  for_each_sent_down([&](int l, int) {
    for (const Kind kind : kAll) messages_.receive(tag(l, kind), matrix(l, kind), units(l), plain);
  });
  messages_.finish();
}

/// p = z = a and q = h(a) where layers join, all u = 0, W = I
void LayerGroup::grow(const BlockCyclicMatrix& a, int before, int k) {
  set_depth(k);
  for (auto& [l, coupling] : couplings_) {
    coupling.u.fill_constant(0.0);
    if (l < before - 1) continue;
    if (l == before - 1)
      copy_leading_rows(a, coupling.p);
    else
      activate_extended(network_->topology().activation, a, coupling.p);
    copy_leading_rows(coupling.p, coupling.q);
  }
  for (int l = before; l < k; ++l) {
    if (!has(l)) continue;
    set_identity(network_->topology().width(l - 1), network_->W(l));
    copy_leading_rows(coupling(l - 1).p, layer(l).z());
  }
}

void LayerGroup::begin(const Quantiser& quantiser) {
  for_each_sent_up([&](int l, int part) {
    messages_.expect(part, tag(l, Kind::p), coupling(l).p, units(l), quantiser);
  });
  for_each_sent_down([&](int l, int part) {
    messages_.expect(part, tag(l, Kind::q), coupling(l).q, units(l), quantiser);
  });
  for_each_layer([](int, PdadmmLayer& layer) { layer.weights_changed(); });
}

void LayerGroup::update_p(const Quantiser& quantiser, Notes& notes) {
  for_each_layer([&](int l, PdadmmLayer& layer) {
    if (l == 1) return;
    guarded(notes, [&] { layer.update_p(quantiser, notes); });
    if (!has(below(l)))
      messages_.send(parts_.of(below(l)), tag(below(l), Kind::p), coupling(below(l)).p,
                     units(below(l)), quantiser);
    messages_.progress();
  });
}

void LayerGroup::update_weights(Notes& notes) {
  for_each_layer([&](int, PdadmmLayer& layer) {
    guarded(notes, [&] { layer.update_weights(notes); });
    messages_.progress();
  });
}

void LayerGroup::update_hidden_z(PdadmmSums& sums) {
  for_each_layer([&](int l, PdadmmLayer& layer) {
    if (l != layers_of_network()) layer.update_hidden_z(sums);
    messages_.progress();
  });
}

void LayerGroup::update_output_z(PdadmmSums& sums) {
  if (has(layers_of_network()))
    layer(layers_of_network()).update_output_z(panel_->targets, *output_, sums);
}

void LayerGroup::update_q(const Quantiser& quantiser, PdadmmSums& sums) {
  if (broken_) sums.loss = std::numeric_limits<double>::quiet_NaN();
  for_each_layer([&](int l, PdadmmLayer& layer) {
    if (l == layers_of_network()) return;
    const bool travels = !has(above(l));
    if (travels) messages_.receive(tag(l, Kind::p), coupling(l).p, units(l), quantiser);
    layer.update_q(quantiser, sums);
    if (travels)
      messages_.send(parts_.of(above(l)), tag(l, Kind::q), coupling(l).q, units(l), quantiser);
  });
}

void LayerGroup::end(const Quantiser& quantiser) {
  for_each_sent_down([&](int l, int) {
    Coupling& c = coupling(l);
    messages_.receive(tag(l, Kind::q), c.q, units(l), quantiser);
    layer(above(l)).update_multiplier();
  });
  messages_.finish();
}

double LayerGroup::largest_q() const {
  double largest = 0.0;
  for (const auto& [l, coupling] : couplings_)
    if (has(l) && l < depth_)
      for_each_entry([&](double q) { largest = std::max(largest, q); }, coupling.q);
  return largest;
}

}  // namespace admmnet
