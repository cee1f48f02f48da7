/// Facts about the machine and the libraries that a run finds itself on, for the log and for
/// warnings.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

namespace admmnet {

/// This node's name without its domain.
std::string host_name();

/// Largest resident memory of this process so far, bytes.
double peak_memory_bytes();

/// Memory that this node can still give, bytes: the kernel's MemAvailable, or the limit of the
/// job's control group (version 1 or 2) where that is smaller. 0 when the system does not tell.
double available_memory_bytes();

/// Model name of the processor; "unknown" when the system does not tell.
std::string cpu_model();

/// Cores (hardware threads) that this process may run on.
int cores_of_this_process();

/// Threads that the BLAS library starts in this process; empty when it is not OpenBLAS or MKL.
std::optional<int> blas_threads();

/// Name and version of each library as found at run time (not the headers'): PETSc, SLEPc, MPI,
/// BLAS.
std::vector<std::pair<std::string, std::string>> library_versions();

/// Slurm's short form of a list of host names: {n1, n2, n3, n7} is "n[1-3,7]". Sorts, drops
/// doubles.
std::string compress_host_names(const std::vector<std::string>& names);

/// Where the ranks of a communicator run. Extremes are over the nodes.
struct Machine {
  int ranks = 0;
  int nodes = 0;
  int min_ranks_per_node = 0, max_ranks_per_node = 0;
  std::string hosts;                           ///< compressed
  int min_cores_per_node = 0;                  ///< cores that the job may use on a node
  int max_blas_threads = 0;                    ///< of any rank; 0 unknown
  double min_available_memory_per_node = 0.0;  ///< bytes
  std::string busiest_host;                    ///< node with most BLAS threads per core
  int busiest_threads = 0, busiest_cores = 0;  ///< its BLAS threads and cores
};

/// The same on every rank. Collective on comm.
Machine describe_machine(MPI_Comm comm);

/// Sentences with a remedy for what would slow a run down: more BLAS threads than cores.
std::vector<std::string> oversubscription_warnings(const Machine& machine);

}  // namespace admmnet
