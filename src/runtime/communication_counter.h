/// Counts the messages and bytes that each rank sends, per phase of the timers.
///
/// The counter stands between the program and MPI (the profiling interface, MPI-3.1 chapter 14): it
/// defines MPI_Send, MPI_Allreduce, ... and calls PMPI_Send, PMPI_Allreduce, ... It therefore sees
/// the calls of every library in the process: ours, BLACS and ScaLAPACK, PETSc, HDF5. Until
/// start_counting_communication() each wrapper costs one branch.
///
/// What is counted is payload that leaves a rank, P the ranks of the call's communicator:
///
///   call                                        messages           bytes
///   point to point                              1                  as sent
///   bcast, reduce, allgather(v),
///   reduce_scatter(_block), scan, exscan        ceil(log2 P)       (P-1)/P of the total
///   allreduce                                   2 ceil(log2 P)     2 (P-1)/P of the total
///   barrier                                     ceil(log2 P)       0
///   gather(v), scatter(v), alltoall(v)          1 for each rank    as sent
///                                               that gets bytes
///
/// For the first group that is what an algorithm moves, on average over the ranks, that is optimal
/// in bandwidth (R. Thakur, R. Rabenseifner, W. Gropp, Optimization of Collective Communication
/// Operations in MPICH, 2005); the total is the vector of bcast, reduce and allreduce, and the
/// concatenation of all parts for allgather and reduce_scatter. Which algorithm the MPI library
/// takes does not enter, so the counts are those of the program and the same on every machine.
/// Nothing that a rank sends to itself or to MPI_PROC_NULL counts. Receiving is free. Not counted,
/// because no path of this program uses them between ranks: persistent requests, one-sided and
/// neighbourhood calls, MPI files, intercommunicators.
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

/// Counts from here on, from zero. Not collective, but all ranks should.
void start_counting_communication();
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
