#include "runtime/communication_counter.h"

#include <algorithm>
#include <cstdio>
#include <dlfcn.h>
#include <filesystem>
#include <sstream>

#include "mpi_counter/mpi_counter.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

struct Count {
  std::string name;
  double messages = 0.0, bytes = 0.0;
};

const MpiCounter* counter = nullptr;  // while nobody counts

/// This rank's phases, and last what lies outside of them.
std::vector<Count> own_counts() {
  std::vector<Count> counts;
  const int phases = counter ? counter->phases() : 0;
  for (int number = 1; number <= phases; ++number) {
    const MpiCounter::Phase phase = counter->phase(number % phases);
    counts.push_back({phase.name, phase.messages, phase.bytes});
  }
  if (counts.empty()) counts.push_back({"outside the phases"});
  return counts;
}

BadInput nothing_counts() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::string library = (program.parent_path() / mpi_counter_file).string();
  return BadInput(
      "-run_count_communication: nothing counts messages unless a library of this program is "
      "preloaded into every rank; start them as\n  mpirun -n RANKS env LD_PRELOAD=" +
      library + " " + program.string() + " train ...\n(with srun the same, from env on; " +
      (file_exists(library)
           ? "jobs/train.sbatch does it by itself)"
           : "the library is missing there: build or install it with the program)"));
}

}  // namespace

void start_counting_communication(MPI_Comm comm) {
  const auto* found = static_cast<const MpiCounter*>(dlsym(RTLD_DEFAULT, mpi_counter_symbol));
  if (min_over(comm, found ? 1.0 : 0.0) == 0.0) throw nothing_counts();
  counter = found;
  counter->start();
}

bool counting_communication() {
  return counter != nullptr;
}

void communication_phase_begins(const std::string& name) {
  if (counter) counter->phase_begins(name.c_str());
}

void communication_phase_ends() {
  if (counter) counter->phase_ends();
}

std::vector<PhaseCommunication> communication_summary(MPI_Comm comm) {
  const bool was_on = counter && counter->turn(false);
  std::vector<Count> mine = own_counts();
  Count total{"total"};
  for (const Count& count : mine) {
    total.messages += count.messages;
    total.bytes += count.bytes;
  }
  mine.push_back(total);
  std::string names;
  for (const Count& count : mine) names += count.name + "\n";
  std::istringstream lines(broadcast(names, 0, comm));

  std::vector<PhaseCommunication> result;
  const auto over_ranks = [&](double value) {
    return Spread{min_over(comm, value), sum_over(comm, value) / size_of(comm),
                  max_over(comm, value)};
  };
  for (std::string name; std::getline(lines, name);) {
    const auto here = std::find_if(mine.begin(), mine.end(),
                                   [&](const Count& count) { return count.name == name; });
    const Count count = here == mine.end() ? Count{name} : *here;
    result.push_back({name, over_ranks(count.messages), over_ranks(count.bytes)});
  }
  if (counter) counter->turn(was_on);
  return result;
}

std::string communication_table(const std::vector<PhaseCommunication>& phases) {
  char text[200];
  std::snprintf(text, sizeof text, "%-28s %11s %11s %11s %11s %11s %11s\n", "phase", "min [msg]",
                "avg [msg]", "max [msg]", "min [kB]", "avg [kB]", "max [kB]");
  std::string table = text;
  for (const PhaseCommunication& phase : phases) {
    const Spread &m = phase.messages, &b = phase.bytes;
    std::snprintf(text, sizeof text, "%-28.60s %11.0f %11.1f %11.0f %11.1f %11.1f %11.1f\n",
                  phase.name.c_str(), m.min, m.average, m.max, 1e-3 * b.min, 1e-3 * b.average,
                  1e-3 * b.max);
    table += text;
  }
  return table;
}

}  // namespace admmnet
