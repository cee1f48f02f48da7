/// The room runtime/: the ground that every other room stands on, and the program's manners as a
/// batch job.
///
/// It holds the life of MPI, PETSc and SLEPc (session), communicators and agreement across ranks
/// (communicator), errors and exit codes (error, failure, petsc_check), signals and the decision to
/// stop (signals, stop), signs of life and the end of a run without them (heartbeat), log, table of
/// iterations and metrics file (log, monitor, metrics), timers and the count of messages (timers,
/// communication_counter), facts about the machine and the build (machine, build_info), small file
/// helpers (files) and random numbers (random).
///
/// Nothing about networks, data, matrices or ADMM enters it, and it includes no other room.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

namespace admmnet {

/// MPI for the life of the object, PETSc and SLEPc from start_libraries() on. The first object of
/// main(); whatever owns a communicator or a PETSc object must be destroyed before it.
class Session {
 public:
  /// Initialises MPI (MPI_THREAD_FUNNELED). From here on
  /// - an MPI error on MPI_COMM_WORLD or a communicator derived from it is printed and ends all
  ///   ranks with exit code 5 (libraries that do not look at return codes cannot run on with
  ///   garbage);
  /// - std::terminate ends all ranks with exit code 5 instead of leaving them hanging;
  /// - SIGPIPE and SIGXFSZ are ignored: a closed terminal or a file-size limit is a failed write,
  ///   which the program can report, and not its end.
  /// Throws InternalError when MPI does not grant the thread level.
  Session(int* argc, char*** argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Initialises PETSc and SLEPc with this command line (the first entry is the program's name).
  /// PETSc's errors are returned, not printed (see petsc_check.h), and its signal handlers stay
  /// off. Call it once. Throws InternalError with PETSc's text, BadInput when that is about its
  /// options. Collective on MPI_COMM_WORLD.
  void start_libraries(const std::vector<std::string>& arguments);

 private:
  void watch_mpi_errors();
  MPI_Errhandler abort_handler_ = MPI_ERRHANDLER_NULL;
  std::vector<std::string> arguments_;  // PETSc keeps pointers into them until it is finalized
  std::vector<char*> pointers_;
  char** argv_ = nullptr;
  int argc_ = 0;
  bool libraries_started_ = false;
};

}  // namespace admmnet
