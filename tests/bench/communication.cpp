// What a sweep computes and sends against what `admmnet plan` predicts: counted, so neither the
// machine nor its load matters, and more ranks than cores are as good as a cluster.
//
//   mpirun -n P bench_communication WIDTHS SAMPLES [BLOCK [FILE]]
//   mpirun -n 4 --oversubscribe bench_communication 150,220,180,10 480 32 counted.csv
//
// For every grid of all P ranks, every sweep and every phase of an iteration, and every operation
// of linalg/ between the first two widths: counted, predicted and their ratio, of flops (all
// ranks), messages and bytes (a rank in the mean). FILE takes the same as CSV, appended; the head
// is written into an empty file only, so that several P may share it.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "methods/counted_operations.h"
#include "methods/counted_sweep.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/failure.h"
#include "runtime/session.h"

namespace {

using namespace admmnet;
using namespace admmnet::test;

CaseSize parse(int argc, char** argv) {
  CaseSize size{{}, argc > 2 ? std::atoll(argv[2]) : 0, argc > 3 ? std::atoll(argv[3]) : 32};
  std::istringstream widths(argc > 1 ? argv[1] : "");
  for (std::string width; std::getline(widths, width, ',');)
    size.widths.push_back(std::atoll(width.c_str()));
  bool good = size.widths.size() > 1 && size.samples > 0 && size.unit_block > 0;
  for (Index width : size.widths) good = good && width > 0;
  if (!good)
    throw BadInput("usage: bench_communication WIDTHS SAMPLES [BLOCK [FILE]], e.g. 28,300,10 5000");
  return size;
}

double ratio(double predicted, double counted) {
  return counted == predicted ? 1.0 : predicted / counted;
}

/// One group of lines: a sweep with its phases, or the operations. On rank 0 only.
template <class Lines>
void report(const std::string& title, const ProcessGrid& grid, const Lines& lines,
            std::ofstream& file) {
  if (grid.rank() != 0) return;
  std::printf("%s on %d x %d\n", title.c_str(), grid.rows(), grid.cols());
  std::printf("  %-24s %10s %7s %10s %10s %7s %11s %11s %7s\n", "", "GFlop", "ratio", "messages",
              "model", "ratio", "kB", "model", "ratio");
  for (const auto& line : lines) {
    const Work &c = line.counted, &p = line.predicted;
    std::printf("  %-24s %10.4g %7.4f %10.1f %10.1f %7.3f %11.1f %11.1f %7.3f\n", line.name.c_str(),
                1e-9 * c.flops, ratio(p.flops, c.flops), c.messages, p.messages,
                ratio(p.messages, c.messages), 1e-3 * c.bytes, 1e-3 * p.bytes,
                ratio(p.bytes, c.bytes));
    if (file.is_open())
      file << title << ',' << grid.rows() << ',' << grid.cols() << ",\"" << line.name << "\","
           << c.flops << ',' << p.flops << ',' << c.messages << ',' << p.messages << ',' << c.bytes
           << ',' << p.bytes << '\n';
  }
}

ExitCode run(int argc, char** argv) {
  const CaseSize size = parse(argc, argv);
  const int ranks = size_of(MPI_COMM_WORLD);
  const bool root = rank_of(MPI_COMM_WORLD) == 0;
  std::ofstream file;
  if (root && argc > 4) {
    file.open(argv[4], std::ios::app);
    if (file.tellp() == 0)
      file << "what,rows,cols,part,flops,flops_model,messages,messages_model,bytes,bytes_model\n";
    if (!file) throw IoFailure(std::string(argv[4]) + " cannot be written");
  }
  for (int rows = 1; rows <= ranks; ++rows) {
    if (ranks % rows != 0) continue;
    const ProcessGrid grid(MPI_COMM_WORLD, rows, ranks / rows);
    const OperationSize operation{size.widths[1], size.widths[0], size.samples, size.unit_block};
    report("operations", grid, compare_operations(operation, grid), file);
    for (const SweepCase& sweep : sweep_cases())
      report(sweep.name, grid, compare_with_model(sweep, size, grid), file);
  }
  return ExitCode::finished;
}

}  // namespace

int main(int argc, char* argv[]) {
  Session session(&argc, &argv);
  return exit_code_on_every_rank(MPI_COMM_WORLD, [&] {
    session.start_libraries({"bench_communication"});
    return run(argc, argv);
  });
}
