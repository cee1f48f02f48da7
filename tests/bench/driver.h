/// What every benchmark needs: its arguments, repeated timings over the ranks, the machine's own
/// rates, and tables. Benchmarks are run by hand and print ratios measured in one run.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/communicator.h"
#include "runtime/types.h"

namespace admmnet::bench {

/// "-bench_NAME value" pairs of a command line, and all the other arguments.
class Arguments {
 public:
  /// Throws BadInput for a key without value and for names that are not among `names`.
  Arguments(int argc, char** argv, const std::vector<std::string>& names);
  bool asks_for_help() const { return asks_for_help_; }
  Index number(const std::string& name, Index otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  /// Comma-separated.
  std::vector<std::string> list(const std::string& name, const std::string& otherwise) const;
  std::vector<Index> numbers(const std::string& name, const std::string& otherwise) const;
  const std::vector<std::string>& others() const { return others_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> others_;
  bool asks_for_help_ = false;
};

/// main() of a benchmark with these names of keys: MPI and PETSc (which sees the other arguments
/// too) around `body`, -help, and the exit code of an exception.
int run_benchmark(int argc, char** argv, const char* help, const std::vector<std::string>& names,
                  const std::function<void(const Arguments&)>& body);

struct Spread {
  double min, median, max;
};
Spread spread(std::vector<double> values);

/// Seconds of `work` on the slowest rank. Collective on comm.
double seconds_of(MPI_Comm comm, const std::function<void()>& work);

/// Seconds of each of `repeats` calls, after one that warms up. Collective on comm.
std::vector<double> repeat(MPI_Comm comm, Index repeats, const std::function<void()>& work);

/// 1e9 flops/s a rank.
struct MachineRates {
  double dgemm = 0.0, sgemm = 0.0;
};
/// Square products of order 2048 on all ranks at once, the slowest rank's best of five. About 3 s.
/// Collective on comm.
MachineRates measure_machine(MPI_Comm comm);
MachineRates best_of(const MachineRates& a, const MachineRates& b);

/// A row a call, appended to a file by rank 0; the first row of a new file is preceded by the
/// names. Without a path nothing is written.
class Csv {
 public:
  Csv(const std::string& path, MPI_Comm comm) : path_(path), writes_(rank_of(comm) == 0) {}
  void row(const std::vector<std::pair<std::string, std::string>>& cells) const;

 private:
  std::string path_;
  bool writes_;
};

/// printf on rank 0 only.
void say(MPI_Comm comm, const char* format, ...) __attribute__((format(printf, 2, 3)));
/// printf into a string.
std::string text_of(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace admmnet::bench
