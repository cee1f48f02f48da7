/// The messages and bytes that each rank sends, per phase of the timers, where the library
/// mpi_counter is preloaded or linked; mpi_counter/mpi_counter.h says what counts. Without it, and
/// until start_counting_communication(), a phase costs one branch.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

namespace admmnet {

/// Smallest, average and largest of the ranks.
struct Spread {
  double min, average, max;
};

/// One line of the result.
struct PhaseCommunication {
  std::string name;
  Spread messages, bytes;
};

/// Counts from here on, from zero. Throws BadInput on all ranks, with how to start the program,
/// when any of them is without the library. Collective on comm.
void start_counting_communication(MPI_Comm comm);
bool counting_communication();

/// For Timers: what follows belongs to this phase, until its end; of nested phases to the
/// innermost.
void communication_phase_begins(const std::string& name);
void communication_phase_ends();

/// Rank 0's phases in the order of their first beginning, then "outside the phases", then "total".
/// Phases that rank 0 lacks are left out. The same on all ranks; its own messages do not count.
/// Collective on comm.
std::vector<PhaseCommunication> communication_summary(MPI_Comm comm);

/// The result as a table of fixed width, one string with line ends.
std::string communication_table(const std::vector<PhaseCommunication>& phases);

}  // namespace admmnet
