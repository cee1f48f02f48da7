/// Assertions that every rank of a test makes together.
#pragma once

#include <catch2/catch.hpp>
#include <mpi.h>

namespace admmnet::test {

/// True on every rank iff `condition` is true on every rank of `comm`. Collective on comm.
inline bool on_all_ranks(bool condition, MPI_Comm comm = MPI_COMM_WORLD) {
  int all = condition ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, comm);
  return all == 1;
}

}  // namespace admmnet::test

/// A rank-local condition checked on all ranks before any of them throws: a test that fails on one
/// rank fails everywhere instead of leaving the others in their next collective call.
#define REQUIRE_ALL_ON(comm, condition)                             \
  do {                                                              \
    const bool local_condition_ = static_cast<bool>(condition);     \
    if (!local_condition_) UNSCOPED_INFO("failed on this rank");    \
    INFO("on every rank: " #condition);                             \
    REQUIRE(::admmnet::test::on_all_ranks(local_condition_, comm)); \
  } while (false)
#define REQUIRE_ALL(condition) REQUIRE_ALL_ON(MPI_COMM_WORLD, condition)
