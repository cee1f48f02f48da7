/// Element-wise work on the cores that stand idle between the products of a hybrid run.
#pragma once

#include <functional>

#include "runtime/types.h"

namespace admmnet {

/// Threads for element-wise work: as many as the BLAS library has in this rank (one: no threads),
/// and no more than this process has cores.
int worker_threads();

/// Calls f(first, last) for disjoint parts that make up [0, count), each in a thread of its own;
/// for all of it in this thread where there are no others, or where the work is too little to be
/// worth their start. `work`: entries in all, at about a nanosecond each.
/// f must not call MPI, PETSc or BLAS. What it throws is thrown here, the first part's first.
void in_parts(Index count, Index work, const std::function<void(Index, Index)>& f);

/// The same with this number of threads, however little the work. Requires threads >= 1.
void in_parts_of(int threads, Index count, const std::function<void(Index, Index)>& f);

}  // namespace admmnet
