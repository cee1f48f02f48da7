#include "runtime/failure.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <thread>

#include "runtime/clock.h"
#include "runtime/communicator.h"
#include "runtime/machine.h"

namespace admmnet {

static std::string gibibytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", bytes / 1073741824.0);
  return text;
}

std::string out_of_memory_message() {
  return "out of memory: this process used up to " + gibibytes(peak_memory_bytes()) +
         " and its node has " + gibibytes(available_memory_bytes()) +
         " left; use more nodes, fewer ranks on a node, or more blocks (-admm_blocks)";
}

Failure describe_current_exception() {
  try {
    throw;
  } catch (const Error& error) {
    return {error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return {ExitCode::internal, out_of_memory_message()};
  } catch (const std::exception& error) {
    return {ExitCode::internal, error.what()};
  } catch (...) {
    return {ExitCode::internal, "an exception of unknown type"};
  }
}

static void print_error(const std::string& text) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", text.c_str());
  std::fflush(stderr);
}

void abort_all_ranks(const Failure& failure) {
  int initialized = 0, finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  const bool mpi_runs = initialized && !finalized;
  int rank = 0;
  if (mpi_runs) MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  print_error("[rank " + std::to_string(rank) + "/" + host_name() +
              "] admmnet: error: " + failure.message);
  if (mpi_runs) MPI_Abort(MPI_COMM_WORLD, static_cast<int>(failure.code));
  std::_Exit(static_cast<int>(failure.code));
}

void abort_all_ranks_on_terminate() {
  std::set_terminate([] {
    Failure failure{ExitCode::internal, "the program ended itself (std::terminate)"};
    if (std::current_exception()) {
      try {
        std::rethrow_exception(std::current_exception());
      } catch (...) {
        failure = describe_current_exception();
      }
    }
    failure.code = ExitCode::internal;
    abort_all_ranks(failure);
  });
}

/// Returns once every rank of comm is here; a failed rank gives up after `patience` seconds.
static void wait_for_all(MPI_Comm comm, const std::optional<Failure>& failure, double patience) {
  // Higher ranks give up a little later: when many fail, the message of the lowest is usually the
  // only one.
  const double stagger = 0.01 * std::min(rank_of(comm), 100);
  const double give_up = seconds_since_start() + patience + stagger;
  MPI_Request everyone_here = MPI_REQUEST_NULL;
  ADMMNET_MPI(MPI_Ibarrier(comm, &everyone_here));
  for (;;) {
    int complete = 0;
    ADMMNET_MPI(MPI_Test(&everyone_here, &complete, MPI_STATUS_IGNORE));
    if (complete) return;
    if (failure && seconds_since_start() > give_up) abort_all_ranks(*failure);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// The lowest failing rank's code, its message printed by rank 0; without a failure the largest
/// code. Collective on comm.
static int agree(MPI_Comm comm, ExitCode code, const std::optional<Failure>& failure) {
  const int size = size_of(comm);
  const int first_failed = static_cast<int>(min_over(comm, failure ? rank_of(comm) : size));
  if (first_failed == size) return static_cast<int>(max_over(comm, static_cast<int>(code)));

  int agreed = static_cast<int>(code);
  ADMMNET_MPI(MPI_Bcast(&agreed, 1, MPI_INT, first_failed, comm));
  const std::string message = broadcast(failure ? failure->message : "", first_failed, comm);
  const std::string host = broadcast(host_name(), first_failed, comm);
  const bool same = failure && failure->message == message;
  const bool same_everywhere = min_over(comm, same ? 1.0 : 0.0) > 0.0;
  if (rank_of(comm) == 0)
    print_error(
        "admmnet: error: " + message +
        (same_everywhere ? "" : " [rank " + std::to_string(first_failed) + "/" + host + "]"));
  return agreed;
}

int exit_code_on_every_rank(MPI_Comm comm, const std::function<ExitCode()>& body, double patience) {
  // A communicator of its own: what a failed rank left unfinished on `comm` cannot be mistaken for
  // this.
  const Communicator own = Communicator::duplicate(comm);
  std::optional<Failure> failure;
  ExitCode code = ExitCode::internal;
  try {
    code = body();
  } catch (...) {
    failure = describe_current_exception();
    code = failure->code;
  }
  wait_for_all(own.get(), failure, patience);
  return agree(own.get(), code, failure);
}

}  // namespace admmnet
