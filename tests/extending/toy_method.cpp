// A training method added from outside: src/methods/README.md says what each part is for. It is the
// delta rule on the output layer, one block of samples a step, the hidden layers as they began:
//   W_L := W_L + rate/N_B sum_B (T - z_L) a~_{L-1}^T
#include "config/check.h"
#include "config/key_builders.h"
#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/method.h"
#include "network/forward.h"

namespace {

using namespace admmnet;

// ---- its options and keys ----

struct DeltaOptions {
  std::optional<double> rate;
  Index block = 60;
};

MethodKeys delta_keys() {
  const OptionsOf<DeltaOptions> in;
  MethodKeys keys;
  keys.method = "delta_rule";
  keys.summary = "the delta rule on the output layer";
  keys.group = {"delta", "the delta rule"};
  keys.keys = {
      number("delta_rate", "", above(0), "step of a block; auto: 1 / inputs of the layer", in,
             &DeltaOptions::rate),
      fixed(number("delta_block", "samples", at_least(1), "of a step", in, &DeltaOptions::block))};
  return keys;
}

// ---- a run ----

class DeltaRule : public TrainingMethod {
 public:
  DeltaRule(const Topology& topology, const MethodPlace& place, double rate)
      : train_(place.train),
        rate_(rate),
        network_(place.grid, topology, place.unit_block),
        forward_(network_, train_.widest),
        output_(place.grid, topology.outputs(), train_.widest),
        wished_(network_.make_sample_like(topology.outputs(), train_.widest)),
        timers_(place.timers),
        phase_(place.timers.phase("update")) {}

  void start(const Network& initial, bool) override { network_.copy_weights_from(initial); }
  void resume() override {}
  const Network& network() const override { return network_; }

  StepReport step(Index) override {
    const auto timing = timers_.time(phase_);
    const auto blocks = static_cast<Index>(train_.panels.size());
    if (done_ == 0) pass_ = {};
    const SamplePanel& panel = train_.panels[static_cast<std::size_t>(done_)];
    forward_.use(network_);
    forward_.run(panel.a());
    output_.take(forward_.z(network_.layers()));
    MetricSums sums;
    network_.objective().add(output_, panel.targets, sums);
    pass_ += sums.over_ranks(network_.grid());
    update(panel);
    done_ = (done_ + 1) % blocks;

    StepReport report;
    report.done = done_ == 0 ? blocks : done_;
    report.of = blocks;
    report.loss = pass_.means(network_.objective().score()).loss;
    if (done_ == 0) {
      report.pass.emplace();
      report.pass->train = pass_.means(network_.objective().score());
      report.pass->objective = report.pass->train.loss;
    }
    return report;
  }

  StateView state() override {
    StateView view;
    network_.append_state("iterate/", view);
    view.scalars = {{"delta/done", nullptr, &done_, 0.0, largest_count},
                    {"delta/loss", &pass_.loss, nullptr, 0.0, 1e300},
                    {"delta/score", &pass_.score, nullptr, 0.0, 1e300},
                    {"delta/samples", &pass_.samples, nullptr, 0.0, 1e300}};
    return view;
  }

 private:
  void update(const SamplePanel& panel) {
    const int L = network_.layers();
    fill_coded_targets(network_.objective(), panel, 0.0, output_);
    wished_.set_cols(panel.count);
    output_.give(wished_);
    for_each_entry([](double& wished, double z) { wished -= z; }, wished_, forward_.z(L));
    accumulate_outer(rate_ / static_cast<double>(panel.count), wished_, forward_.a(L - 1), 1.0,
                     network_.W(L));
  }

  const SampleSet& train_;
  double rate_;
  Network network_;
  ForwardPass forward_;
  OutputColumns output_;
  BlockCyclicMatrix wished_;
  Timers& timers_;
  int phase_;
  Index done_ = 0;   // blocks of the pass
  MetricSums pass_;  // of the pass so far, over all ranks
};

// ---- what is known before a run ----

class DeltaMethod : public MethodKind {
 public:
  MethodKeys keys() const override { return delta_keys(); }
  Loss default_loss(const Options&) const override { return Loss::squared; }

  void resolve(const ProblemSize& problem, Options& options) const override {
    const Topology& topology = problem.topology;
    auto& rate = options.method.of<DeltaOptions>().rate;
    if (!rate) rate = 1.0 / static_cast<double>(topology.extended(topology.layers() - 1));
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize&,
                                                            const Options& options) const override {
    return {{"rate", std::to_string(*options.method.of<DeltaOptions>().rate)}};
  }

  std::vector<Index> panel_bounds(const Options& options, Index samples, int) const override {
    const Index block = options.method.of<DeltaOptions>().block;
    std::vector<Index> bounds;
    for (Index first = 0; first < samples; first += block) bounds.push_back(first);
    bounds.push_back(samples);
    return bounds;
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    return std::make_unique<DeltaRule>(problem.topology, place,
                                       *options.method.of<DeltaOptions>().rate);
  }
};

const DeltaMethod delta_method;
const bool added = (add_method(delta_method), true);

}  // namespace
