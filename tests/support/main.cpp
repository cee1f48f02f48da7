// Catch2's main inside MPI, PETSc and SLEPc. The exit code is the largest of any rank; an exception
// that leaves a test on one rank only would hang the others, so a terminate handler aborts the job.
#define CATCH_CONFIG_RUNNER
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sstream>

#include <catch2/catch.hpp>
#include <mpi.h>
#include <slepcsys.h>

int main(int argc, char* argv[]) {
  std::set_terminate([] { MPI_Abort(MPI_COMM_WORLD, 5); });
  MPI_Init(nullptr, nullptr);
  int petsc_argc = 1;
  char** petsc_argv = argv;
  SlepcInitialize(&petsc_argc, &petsc_argv, nullptr, nullptr);
  PetscPopErrorHandler();
  PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);

  int failed = 0;
  {
    Catch::Session session;
    failed = session.applyCommandLine(argc, argv);
    // Every rank reports its own failures; the other ranks' summaries are held back.
    std::ostringstream held_back;
    std::streambuf* const console = std::cout.rdbuf();
    if (rank != 0) std::cout.rdbuf(held_back.rdbuf());
    if (failed == 0) failed = session.run();
    std::cout.rdbuf(console);
    if (rank != 0 && failed != 0) std::cout << "rank " << rank << ":\n" << held_back.str();
  }
  MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  SlepcFinalize();
  MPI_Finalize();
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
