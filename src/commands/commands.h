/// The room commands/: what a user calls. Each command is a walk through numbered phases, each
/// phase one call into another room; nothing includes this room but main.cpp.
#pragma once

#include <mpi.h>

#include "config/options.h"
#include "runtime/error.h"

namespace admmnet {

/// Each is collective on comm, throws Error, and returns the exit code when it did its work.
/// run_train obeys the signals that a SignalWatch (runtime/signals.h) of the caller counts.
ExitCode run_train(Options options, MPI_Comm comm);
ExitCode run_predict(const Options& options, MPI_Comm comm);
ExitCode run_inspect(const Options& options, MPI_Comm comm);
ExitCode run_plan(const Options& options, MPI_Comm comm);

}  // namespace admmnet
