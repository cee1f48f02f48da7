/// A shared library that counts the messages and bytes that each rank sends, phase by phase.
///
/// It stands between a program and MPI (the profiling interface, MPI-3.1 chapter 14): it defines
/// MPI_Send, MPI_Allreduce, ... and calls PMPI_Send, PMPI_Allreduce, ... It therefore sees the
/// calls of every library in the process: ours, BLACS and ScaLAPACK, PETSc, HDF5. Only one library
/// can stand there, so the program leaves the place to the tools of its users, and this one is
/// preloaded where it is wanted:
///
///     mpirun -n 4 env LD_PRELOAD=$PWD/libadmmnet_mpi_counter.so ./admmnet train ...
///
/// Tests and benchmarks that count link it. Nothing else of the program may enter this folder, and
/// of the folder only this header may be included: it is found at run time
/// (runtime/communication_counter.h).
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

namespace admmnet {

/// What the library can do. One thread calls MPI and this. No call is collective, none sends.
struct MpiCounter {
  struct Phase {
    const char* name;  ///< until the next start
    double messages, bytes;
  };
  void (*start)();  ///< counts from here on, from zero
  /// Counts, or not, and gives what it was. Until start() each wrapper costs one branch.
  bool (*turn)(bool on);
  /// What follows belongs to this phase until its end; of nested phases to the innermost. Without
  /// effect while nothing counts, also before MPI starts.
  void (*phase_begins)(const char* name);
  void (*phase_ends)();
  int (*phases)();             ///< 0 before start()
  Phase (*phase)(int number);  ///< 0: outside the phases; the others as they first began
};

/// The name of the library's one object of this type. Its number is that of this interface.
constexpr char mpi_counter_symbol[] = "admmnet_mpi_counter_1";

/// The name of the library's file, which lies beside the program.
constexpr char mpi_counter_file[] = "libadmmnet_mpi_counter.so";

}  // namespace admmnet
