/// Enough address space for the BLAS library, or a message. Not collective, before MPI starts.
#pragma once

#include <string>

namespace admmnet {

/// Bytes of address space without which no run comes to its end, with so many BLAS threads.
double least_address_space(int blas_threads);

/// OpenBLAS tries for ever to get its buffers, 128 MiB a thread, when a limit (ulimit -v, ulimit
/// -d) is too low for them. Gives the reason why this process cannot run under its limits, with the
/// least that it needs; empty when it can. Then this thread's buffer is in place, so that what is
/// allocated later on cannot take its room.
std::string reserve_address_space();

}  // namespace admmnet
