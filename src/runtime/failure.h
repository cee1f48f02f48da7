/// From an exception to one message and one exit code on every rank.
#pragma once

#include <functional>
#include <string>

#include <mpi.h>

#include "runtime/error.h"

namespace admmnet {

struct Failure {
  ExitCode code;
  std::string message;
};

/// The exception that is being handled. To be called inside a catch block.
/// std::bad_alloc gets a message about memory; whatever is not an Error counts as internal.
Failure describe_current_exception();

/// What to tell a user whose process got no more memory: how much it holds, how much there is, what
/// helps.
std::string out_of_memory_message();

/// Installs a terminate handler that prints the pending exception and ends all ranks with exit
/// code 5.
void abort_all_ranks_on_terminate();

/// Prints "[rank r/host] admmnet: error: ..." and ends all ranks with this exit code. Never
/// returns.
[[noreturn]] void abort_all_ranks(const Failure& failure);

/// The top-level handler: runs `body` and returns the program's exit code, the same on every rank.
///
/// - All ranks return: the largest of their codes.
/// - Some or all throw, and all ranks get here: rank 0 prints the lowest failing rank's message
///   once on stderr; the code is that rank's.
/// - A rank throws and another does not get here within `patience` seconds (it waits in a
///   collective for the rank that failed): the failing rank prints its message and ends all ranks
///   by MPI_Abort with its code. A rank that did not fail waits for ever, for it may be the first
///   of a healthy run.
///
/// Collective on comm.
int exit_code_on_every_rank(MPI_Comm comm, const std::function<ExitCode()>& body,
                            double patience = 5.0);

}  // namespace admmnet
