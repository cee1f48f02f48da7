// To be preloaded: the program gets the signal of ADMMNET_TEST_SIGNAL when it starts MPI.
#include <csignal>
#include <cstdlib>

#include <mpi.h>

extern "C" int MPI_Init_thread(int* argc, char*** argv, int required, int* provided) {
  if (const char* number = std::getenv("ADMMNET_TEST_SIGNAL")) std::raise(std::atoi(number));
  return PMPI_Init_thread(argc, argv, required, provided);
}
