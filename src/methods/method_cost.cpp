#include "methods/method_cost.h"

#include <algorithm>
#include <array>

#include "linalg/layout.h"
#include "linalg/whole_columns.h"
#include "methods/anderson.h"
#include "network/best_iterate.h"
#include "network/layer_spectra.h"

namespace admmnet {

/// A run on shapes: what a pass does, and what the run holds.
class Rehearsal {
 public:
  Rehearsal(const MethodKind& method, const ProblemSize& problem, const Options& options,
            std::size_t way, const std::vector<Index>& bounds);

  const Ledger& ledger() const { return ledger_; }
  double passes() const { return passes_; }
  double checkpoint_bytes() const { return checkpoint_bytes_; }

 private:
  SampleSet samples(const ProcessGrid& grid, const ProblemSize& problem,
                    const std::vector<Index>& bounds) const;
  void pass(TrainingMethod& method, const SampleSet& validation, Timers& timers, Index k);

  Ledger ledger_;
  bool in_float_;  // samples
  double passes_ = 0.0, checkpoint_bytes_ = 0.0;
};

namespace {

/// Passes in which matrices are made that all others use again.
constexpr Index kFirstPasses = 2;
/// Steps that are recorded, about: what happens in every n-th step only is then seen often enough.
constexpr Index kSteps = 180, kMostPasses = 8;

Index widest_panel(const std::vector<Index>& bounds) {
  Index widest = 1;
  for (std::size_t p = 1; p < bounds.size(); ++p)
    widest = std::max(widest, bounds[p] - bounds[p - 1]);
  return widest;
}

std::vector<Index> uniform_bounds(Index samples, Index widest) {
  std::vector<Index> bounds{0};
  while (bounds.back() < samples) bounds.push_back(std::min(samples, bounds.back() + widest));
  return bounds;
}

}  // namespace

/// Samples are read in their own storage, 16 bytes an entry, before they are scaled.
static void add_sparse_panels(const ProcessGrid& grid, Index rows, const SparseInputs& inputs,
                              bool bias, SampleSet& set) {
  const auto entries = [&](Index samples) {
    return inputs.sparsity.of_inputs(static_cast<double>(samples), bias);
  };
  Ledger::Holding reading;
  const auto doubles = static_cast<Index>(2.0 * entries(set.samples).entries);
  grid.hold({Array::Kind::sparse, 1, doubles, 0}, reading);
  for (SamplePanel& panel : set.panels)
    panel.sparse.emplace(grid, rows, panel.count, set.widest, kBlockOfUnits, entries(panel.count),
                         inputs.shifted);
}

/// While components are learnt from sparse samples, and made of them: the entries as they are read
/// and as an operand, and the basis that directions are searched in.
static void hold_samples_of_components(const ProcessGrid& grid, const ComponentSize& size,
                                       Index samples, Ledger::Holding& reading) {
  const double entries = size.sparsity.of_inputs(static_cast<double>(samples), false).entries;
  const auto basis = static_cast<double>(2 * size.inputs + 15) * static_cast<double>(size.features);
  const double doubles = 2.0 * entries + sparse_doubles(entries, size.features);
  grid.hold({Array::Kind::sparse, 1, static_cast<Index>(doubles + basis), 0}, reading);
}

SampleSet Rehearsal::samples(const ProcessGrid& grid, const ProblemSize& problem,
                             const std::vector<Index>& bounds) const {
  const Index rows = problem.topology.extended(0);
  SampleSet set;
  set.samples = bounds.back();
  set.widest = widest_panel(bounds);
  if (set.samples == 0) return set;
  for (std::size_t p = 1; p < bounds.size(); ++p) {
    set.panels.emplace_back();
    set.panels.back().first = bounds[p - 1];
    set.panels.back().count = bounds[p] - bounds[p - 1];
  }
  if (problem.sparse) {
    add_sparse_panels(grid, rows, *problem.sparse, problem.topology.bias, set);
    return set;
  }
  Ledger::Holding staged;
  if (problem.components.sparsity.known())
    hold_samples_of_components(grid, problem.components, set.samples, staged);
  WholeColumns reading(grid, rows, set.widest, kBlockOfUnits);
  for (SamplePanel& panel : set.panels) {
    panel.inputs =
        BlockCyclicMatrix(grid, rows, panel.count, kBlockOfUnits, slab_width(set.widest, 1));
    reading.give(panel.inputs);
    if (in_float_) panel.round();
  }
  return set;
}

void Rehearsal::pass(TrainingMethod& method, const SampleSet& validation, Timers& timers, Index k) {
  method.iterate(k);
  if (validation.samples == 0) return;
  const auto timing = timers.time(timers.phase("validation"));
  evaluate(method.network(), validation);
}

// In the order of commands/train.cpp, so that the same is held at the same time.
Rehearsal::Rehearsal(const MethodKind& kind, const ProblemSize& problem, const Options& options,
                     std::size_t way, const std::vector<Index>& bounds)
    : in_float_(options.linalg.precision == Precision::single) {
  const ProcessGrid grid(ledger_);
  const Topology& topology = problem.topology;
  const Index widest = widest_panel(bounds);
  // Directions of components: of the scaling, of the checkpoint, and while this is written.
  const ComponentSize& components = problem.components;
  Ledger::Holding directions;
  if (components.inputs > 0)
    grid.hold({Array::Kind::everywhere, 3 * components.inputs, components.features, 0}, directions);
  const SampleSet train = samples(grid, problem, bounds);
  const SampleSet validation = samples(grid, problem, uniform_bounds(problem.validation, widest));
  const SampleSet test = samples(grid, problem, uniform_bounds(problem.test, widest));

  Timers timers([this](const std::string& phase) { ledger_.set_phase(phase); });
  const auto method = make_method(
      kind, problem, options,
      {grid, kBlockOfUnits, train, way, timers, validation.samples > 0 ? &validation : nullptr});
  for (const std::string& phase : timers.names()) ledger_.set_phase(phase);  // in their order
  ledger_.set_phase("");
  BestIterate best(method->network());
  if (components.inputs > 0) {  // layer 1 as one of the features (component_start.h)
    Ledger::Holding start;
    const Index rows = topology.width(1) + components.inputs;
    grid.hold({Array::Kind::units, rows, components.features, 0}, start);
  }
  method->start(Network(grid, topology, kBlockOfUnits), false);
  for (Index k = 1; k <= kFirstPasses; ++k) pass(*method, validation, timers, k);
  if (options.train.monitor_spectrum > 0) layer_spectra(method->network(), train);
  ledger_.begin_list();
  const auto panels = static_cast<Index>(train.panels.size());
  const Index passes = std::max(
      {Index{1}, std::min(kMostPasses, kSteps / panels), kind.rehearsed_passes(problem, options)});
  for (Index k = 1; k <= passes; ++k) pass(*method, validation, timers, kFirstPasses + k);
  passes_ = static_cast<double>(passes);
  checkpoint_bytes_ = bytes_of(method->state());
  StateView kept;
  best.append_state(kept);
  checkpoint_bytes_ += bytes_of(kept);
}

MethodCost::MethodCost(const MethodKind& method, ProblemSize problem, Options options,
                       std::size_t way)
    : method_(method), problem_(std::move(problem)), options_(std::move(options)), way_(way) {}

MethodCost::~MethodCost() = default;

std::vector<Index> MethodCost::panel_bounds(GridShape grid) const {
  return method_.panel_bounds(options_, problem_.samples, grid.cols);
}

const Rehearsal& MethodCost::rehearsal(GridShape grid) const {
  std::vector<Index> bounds = panel_bounds(grid);
  auto& known = rehearsals_[bounds];
  if (!known) known = std::make_unique<Rehearsal>(method_, problem_, options_, way_, bounds);
  return *known;
}

namespace {

/// Which of the buffers that linalg/ keeps from one operation to the next a verb works in.
std::size_t buffer_of(Verb verb) {
  switch (verb) {
    case Verb::factor:
      return 1;
    case Verb::solve_right:
      return 2;
    case Verb::solve_left:
      return 3;
    case Verb::move_columns:
      return 4;
    default:
      return 0;
  }
}

/// Doubles of the rank that holds most, and the longest array among them.
struct Room {
  double all = 0.0, longest = 0.0;
};

/// `share` prices what a part of the ranks does and holds; the part that holds most counts.
Room room(const Ledger& ledger, const Pricing& whole, const Pricing& share, int parts) {
  std::array<double, 5> buffers{};
  for (const Operation& operation : ledger.operations()) {
    const Pricing& pricing = operation.part == 0 ? whole : share;
    const Layout& layout = layout_of(pricing.grid());
    double& buffer = buffers[layout.has_buffers_of_each_kind() ? buffer_of(operation.verb) : 0];
    buffer = std::max(buffer, layout.workspace(operation, pricing));
  }
  Room result;
  std::vector<double> entries;
  for (const Array& array : ledger.arrays()) {
    const Pricing& pricing = array.part == 0 ? whole : share;
    entries.push_back(layout_of(pricing.grid()).entries(array, pricing));
    result.longest = std::max(result.longest, entries.back());
  }
  for (const std::vector<int>& moment : ledger.moments()) {
    std::vector<double> sums(static_cast<std::size_t>(parts) + 1);
    for (std::size_t i = 0; i < moment.size(); ++i)
      sums[static_cast<std::size_t>(ledger.arrays()[i].part)] += moment[i] * entries[i];
    result.all = std::max(result.all, sums[0] + *std::max_element(sums.begin() + 1, sums.end()));
  }
  for (const double buffer : buffers) {
    result.all += buffer;
    result.longest = std::max(result.longest, buffer);
  }
  return result;
}

}  // namespace

// What all ranks do together, and the part that takes longest beside it.
Cost MethodCost::on(GridShape grid, Index unit_block, const MachineParameters& machine) const {
  const int parts = method_.parts(options_, way_);
  const Rehearsal& run = rehearsal(grid);
  const Ledger& ledger = run.ledger();
  const GridShape of_part{grid.rows, grid.cols / parts};
  const Pricing whole(grid, unit_block, machine), share(of_part, unit_block, machine);
  std::vector<std::vector<Work>> work(static_cast<std::size_t>(parts) + 1,
                                      std::vector<Work>(ledger.phases().size()));
  for (const Ledger::Line& line : ledger.lines()) {
    const Pricing& pricing = line.operation.part == 0 ? whole : share;
    work[static_cast<std::size_t>(line.operation.part)][line.phase] +=
        line.times / run.passes() * layout_of(pricing.grid()).cost(line.operation, pricing);
  }
  const auto seconds = [](const std::vector<Work>& phases) {
    double sum = 0.0;
    for (const Work& phase : phases) sum += phase.seconds;
    return sum;
  };
  const auto longest =
      std::max_element(work.begin() + 1, work.end(),
                       [&](const auto& a, const auto& b) { return seconds(a) < seconds(b); });
  Cost cost;
  for (std::size_t p = 0; p < ledger.phases().size(); ++p) {
    const std::string& name = ledger.phases()[p];
    cost.phases.push_back({name.empty() ? "outside the phases" : name, work[0][p] + (*longest)[p]});
  }
  std::rotate(cost.phases.begin(), cost.phases.begin() + 1, cost.phases.end());
  for (const PhaseCost& phase : cost.phases) cost.total += phase.work;
  const Room needed = room(ledger, whole, share, parts);
  cost.memory_bytes = program_bytes + 8.0 * needed.all;
  cost.longest_array = needed.longest;
  cost.checkpoint_bytes = run.checkpoint_bytes();
  return cost;
}

double MethodCost::flops() const {
  const Rehearsal& run = rehearsal({1, 1});
  double sum = 0.0;
  for (const Ledger::Line& line : run.ledger().lines())
    sum += line.times / run.passes() * admmnet::flops(line.operation);
  return sum;
}

std::string MethodCost::name() const {
  const std::string summary = method_.summary(problem_, options_, way_);
  return summary.substr(0, summary.find(','));
}

std::string MethodCost::describe(GridShape grid) const {
  const std::vector<Index> bounds = panel_bounds(grid);
  const bool accelerated = options_.train.acceleration == Acceleration::anderson;
  return method_.summary(problem_, options_, way_) + (accelerated ? ", accelerated" : "") + "; " +
         std::to_string(bounds.size() - 1) + " panels of " + std::to_string(widest_panel(bounds)) +
         " samples";
}

}  // namespace admmnet
