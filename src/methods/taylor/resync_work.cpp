#include "methods/taylor/resync_work.h"

#include "linalg/outer_sum.h"
#include "runtime/heartbeat.h"

namespace admmnet {

ResyncWork::ResyncWork(const Network& network, const ResyncParameters& parameters, Index widest,
                       Index columns, std::size_t kept, Timers& timers)
    : beta_output_(parameters.beta_output),
      forward_(network, widest, kept),
      targets_(network, parameters, widest, columns),
      output_(network.grid(), network.topology().outputs(), widest),
      timers_(timers),
      forward_phase_(timers.phase("forward")),
      output_phase_(timers.phase("output z")),
      target_phase_(timers.phase("targets")),
      product_phase_(timers.phase("gram and outer products")),
      weight_phase_(timers.phase("weights")) {}

void ResyncWork::use_hidden(const Network& network) {
  const auto timing = timers_.time(forward_phase_);
  for (int l = 1; l < network.layers(); ++l) forward_.use(network, l);
}

void ResyncWork::use_output(const Network& network) {
  const auto timing = timers_.time(forward_phase_);
  forward_.use(network, network.layers());
}

void ResyncWork::run_forward(const Network& network, const SamplePanel& panel) {
  const auto timing = timers_.time(forward_phase_);
  forward_.use(network);
  forward_.run(panel.a());
  output_.take(forward_.z(forward_.layers()));
}

void ResyncWork::run_hidden(const SamplePanel& panel, std::size_t place) {
  const auto timing = timers_.time(forward_phase_);
  forward_.run_hidden(panel.a(), place);
}

void ResyncWork::run_output() {
  const auto timing = timers_.time(forward_phase_);
  forward_.run_output();
  output_.take(forward_.z(forward_.layers()));
}

void ResyncWork::recall(const SamplePanel& panel, std::size_t place) {
  const auto timing = timers_.time(forward_phase_);
  forward_.recall(panel.a(), place);
}

void ResyncWork::set_coded_targets(const Network& network, const SamplePanel& panel, double shift) {
  fill_coded_targets(network.objective(), panel, shift, output_);
  BlockCyclicMatrix& D = targets_.D_output();
  D.set_cols(panel.count);
  output_.give(D);
}

void ResyncWork::set_proximal_targets(const Network& network, const SamplePanel& panel) {
  const auto timing = timers_.time(output_phase_);
  network.objective().minimise(panel.targets, beta_output_, output_);
  targets_.set_output(forward_, output_);
}

void ResyncWork::form_backward(const Network& network, Notes& notes) {
  const auto timing = timers_.time(target_phase_);
  targets_.form(network, forward_, notes);
}

void ResyncWork::run_backward(const Network& network) {
  const auto timing = timers_.time(target_phase_);
  targets_.run(network, forward_);
}

Squares ResyncWork::take_squares(const Network& network) {
  const auto timing = timers_.time(target_phase_);
  return targets_.take_squares(network.grid());
}

void ResyncWork::form_input_gram(const SampleSet& train, BlockCyclicMatrix& G) {
  const auto timing = time_products();
  OuterSum sum(Triangle::lower);
  sum.begin(G);
  for (const SamplePanel& panel : train.panels) {
    sum.add_gram(1.0, panel.a());
    beat("Gram matrix of the inputs");
  }
  sum.finish();
}

}  // namespace admmnet
