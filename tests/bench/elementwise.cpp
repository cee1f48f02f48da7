// The element-wise steps of an iteration against a plain copy in the same run: they can be no
// faster than memory. See kHelp.
#include "linalg/elementwise.h"

#include <cstring>

#include "driver.h"
#include "network/forward.h"
#include "proximal/hidden_z.h"
#include "proximal/output_z.h"
#include "runtime/random.h"

namespace admmnet::bench {
namespace {

const char* const kHelp =
    "mpirun -n 2 bench_elementwise [-bench_KEY value ...]\n"
    "  -bench_units 1024          -bench_columns 2500    of a rank's panel\n"
    "  -bench_outputs 10          of the output steps, which take 20 times as many columns\n"
    "  -bench_repeats 9\n"
    "  -bench_csv FILE            a row a step is appended\n"
    "Nanoseconds an entry and a rank (median), 1e9 bytes/s (each operand read or written counts\n"
    "once), and this rate over that of a plain copy of the same panel: 1 is as fast as memory.\n";

constexpr Index kOutputColumnsFactor = 20;

/// One step, `entries` in all, `bytes` of memory traffic an entry.
struct Step {
  const char* name;
  double bytes;
  Index entries;
  std::function<void()> run;
};

/// A rank's own matrices: the steps do not communicate.
struct Operands {
  Operands(const ProcessGrid& grid, Index units, Index columns, Index outputs)
      : z(grid, units, columns, 64, columns),
        a(grid, units + 1, columns, 64, columns),
        delta(grid, units, columns, 64, columns),
        V(grid, units, columns, 64, columns),
        m(grid, outputs, kOutputColumnsFactor * columns, outputs, kOutputColumnsFactor * columns),
        output_z(grid, outputs, m.cols(), outputs, m.cols()) {
    const CounterRandom random(0, Stream::z), other(1, Stream::z);
    z.fill([&](Index i, Index j) { return random.normal(i, j); });
    delta.fill([&](Index i, Index j) { return other.normal(i, j); });
    m.fill([&](Index i, Index j) { return 3.0 * random.normal(i, j); });
    for (Index j = 0; j < m.cols(); ++j) labels.push_back(static_cast<int>(j % outputs));
  }
  BlockCyclicMatrix z, a, delta, V, m, output_z;
  std::vector<int> labels;
};

Step output_step(const char* name, Loss loss, double beta, Operands& o) {
  return {name, 16.0, o.m.rows() * o.m.cols(), [&o, loss, beta] {
            minimise_output_z(loss, o.m.rows(), o.m.cols(), o.m.data(), o.m.leading_dimension(),
                              o.labels.data(), beta, o.output_z.data(),
                              o.output_z.leading_dimension());
          }};
}

std::vector<Step> steps(Operands& o) {
  const Activation relu;
  const Index entries = o.z.rows() * o.z.cols();
  const auto bytes = static_cast<std::size_t>(entries) * sizeof(double);
  return {{"copy", 16.0, entries, [&o, bytes] { std::memcpy(o.V.data(), o.z.data(), bytes); }},
          {"activate_extended", 16.0, entries, [&o, relu] { activate_extended(relu, o.z, o.a); }},
          {"hidden_z_step", 24.0, entries,
           [&o, relu] {
             in_parts(o.z.local_cols(), o.z.rows() * o.z.cols(), [&](Index first, Index last) {
               for (Index j = first; j < last; ++j)
                 hidden_z_step(relu, static_cast<std::size_t>(o.z.local_rows()), o.z.column(j), 0.1,
                               o.delta.column(j));
             });
           }},
          // As WeightSystem::step moves the weights.
          {"weight update", 40.0, entries,
           [&o] {
             for_each_entry_in_parts(
                 [](double delta, double& velocity, double& weight) {
                   velocity = 0.8 * velocity + 1e-3 * delta;
                   weight += velocity;
                 },
                 o.delta, o.V, o.z);
           }},
          output_step("softmax prox", Loss::softmax, 0.3, o),
          output_step("multiclass_hinge prox", Loss::multiclass_hinge, 1.0, o),
          output_step("squared prox", Loss::squared, 1.0, o)};
}

void run(const Arguments& arguments) {
  const MPI_Comm world = MPI_COMM_WORLD;
  const ProcessGrid own(MPI_COMM_SELF, 1, 1);
  Operands operands(own, arguments.number("units", 1024), arguments.number("columns", 2500),
                    arguments.number("outputs", 10));
  double copy = 0.0;
  const Csv csv(arguments.text("csv", ""), world);
  say(world, "%-22s %9s %8s %8s\n", "step", "ns/entry", "GB/s", "of copy");
  for (const Step& step : steps(operands)) {
    const Spread seconds = spread(repeat(world, arguments.number("repeats", 9), step.run));
    const double ns = 1e9 * seconds.median / static_cast<double>(step.entries);
    if (copy == 0.0) copy = step.bytes / ns;  // the first step
    say(world, "%-22s %9.3f %8.2f %8.2f\n", step.name, ns, step.bytes / ns, step.bytes / ns / copy);
    csv.row({{"step", step.name},
             {"ranks", std::to_string(size_of(world))},
             {"ns_an_entry", text_of("%.4f", ns)},
             {"gigabytes_a_second", text_of("%.3f", step.bytes / ns)},
             {"copy_gigabytes_a_second", text_of("%.3f", copy)}});
  }
}

}  // namespace
}  // namespace admmnet::bench

int main(int argc, char* argv[]) {
  using namespace admmnet::bench;
  return run_benchmark(argc, argv, kHelp, {"units", "columns", "outputs", "repeats", "csv"}, run);
}
