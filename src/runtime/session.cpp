#include "runtime/session.h"

#include <csignal>

#include <slepcsys.h>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/failure.h"
#include "runtime/petsc_check.h"

namespace admmnet {

/// MPI's error handler.
static void abort_on_mpi_error(MPI_Comm*, int* status, ...) {
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(*status, text, &length);
  abort_all_ranks({ExitCode::internal, std::string("MPI failed: ") + text});
}

Session::Session(int* argc, char*** argv) {
  abort_all_ranks_on_terminate();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  int granted = MPI_THREAD_SINGLE;
  ADMMNET_MPI(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &granted));
  ADMMNET_MPI(MPI_Comm_create_errhandler(abort_on_mpi_error, &abort_handler_));
  watch_mpi_errors();
  ADMMNET_REQUIRE(
      granted >= MPI_THREAD_FUNNELED,
      "this MPI library does not grant MPI_THREAD_FUNNELED, which threaded BLAS needs; use an MPI "
      "built with thread support");
}

void Session::watch_mpi_errors() {
  for (MPI_Comm comm : {MPI_COMM_WORLD, MPI_COMM_SELF})
    ADMMNET_MPI(MPI_Comm_set_errhandler(comm, abort_handler_));
}

void Session::start_libraries(const std::vector<std::string>& arguments) {
  ADMMNET_REQUIRE(!libraries_started_, "Session::start_libraries was called twice");
  ADMMNET_REQUIRE(!arguments.empty(), "Session::start_libraries needs the program's name");
  arguments_ = arguments;
  arguments_.emplace_back("-no_signal_handler");
  for (std::string& argument : arguments_) pointers_.push_back(argument.data());
  pointers_.push_back(nullptr);
  argc_ = static_cast<int>(arguments_.size());
  argv_ = pointers_.data();
  remember_petsc_errors();
  check_petsc_start(SlepcInitialize(&argc_, &argv_, nullptr, nullptr), "SlepcInitialize");
  libraries_started_ = true;
  watch_mpi_errors();  // PETSc has made errors of MPI_COMM_WORLD return silently
}

Session::~Session() {
  if (libraries_started_) SlepcFinalize();
  MPI_Errhandler_free(&abort_handler_);
  MPI_Finalize();
}

}  // namespace admmnet
