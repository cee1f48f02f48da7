#include "runtime/communicator.h"

#include <string>
#include <utility>

#include "runtime/error.h"
#include "support/mpi_check.h"

using namespace admmnet;

static const MPI_Comm world = MPI_COMM_WORLD;

/// The Error that collectively() throws for this work; its code is `finished` when it throws
/// nothing.
template <class Work>
static Error outcome(Work work) {
  try {
    collectively(world, work);
  } catch (const Error& error) {
    return error;
  }
  return Error(ExitCode::finished, "");
}

TEST_CASE("collectively does nothing when no rank fails") {
  int calls = 0;
  const Error error = outcome([&] { ++calls; });
  REQUIRE_ALL(error.code() == ExitCode::finished);
  REQUIRE_ALL(calls == 1);
}

TEST_CASE("collectively gives every rank the error of the lowest that failed") {
  const int rank = rank_of(world), last = size_of(world) - 1;
  const Error one = outcome([&] {
    if (rank == last) throw IoFailure("cannot read shard " + std::to_string(rank));
  });
  REQUIRE_ALL(one.code() == ExitCode::io_failure);
  REQUIRE_ALL(std::string(one.what()).find("shard " + std::to_string(last)) != std::string::npos);

  const Error lowest = outcome([&] {
    if (rank == 0) throw BadInput("zero");
    throw IoFailure("other");
  });
  REQUIRE_ALL(lowest.code() == ExitCode::bad_input);
  REQUIRE_ALL(std::string(lowest.what()).find("zero") == 0);
}

TEST_CASE("collectively counts foreign exceptions as internal errors") {
  const Error error = outcome([] { throw std::out_of_range("beyond the end"); });
  REQUIRE_ALL(error.code() == ExitCode::internal);
  REQUIRE_ALL(std::string(error.what()).find("beyond the end") == 0);
}

TEST_CASE("collectively names the rank where there are several", "[ranks:2-]") {
  const Error error = outcome([] {
    if (rank_of(world) == 1) throw BadInput("wrong");
  });
  REQUIRE_ALL(std::string(error.what()) == "wrong [rank 1]");
}

TEST_CASE("a text of any length is broadcast from any rank") {
  const int last = size_of(world) - 1;
  for (std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{100000}}) {
    const std::string text(length, 'x');
    REQUIRE_ALL(broadcast(rank_of(world) == last ? text : "other", last, world) == text);
  }
}

TEST_CASE("sum, minimum and maximum") {
  const double rank = rank_of(world), size = size_of(world);
  REQUIRE_ALL(sum_over(world, rank) == size * (size - 1) / 2);
  REQUIRE_ALL(min_over(world, rank) == 0.0);
  REQUIRE_ALL(max_over(world, rank) == size - 1);
}

TEST_CASE("a part of a communicator has only its members") {
  const int rank = rank_of(world);
  Communicator even = Communicator::part(world, rank % 2 == 0);
  REQUIRE_ALL(even.empty() == (rank % 2 == 1));
  REQUIRE_ALL(even.empty() || even.size() == (size_of(world) + 1) / 2);
  REQUIRE_ALL(even.empty() || even.rank() == rank / 2);
  const Communicator moved = std::move(even);
  REQUIRE_ALL(even.empty());
  REQUIRE_ALL(moved.empty() == (rank % 2 == 1));
}

TEST_CASE("a duplicate does not receive the original's messages") {
  const Communicator copy = Communicator::duplicate(world);
  REQUIRE_ALL(copy.rank() == rank_of(world));
  REQUIRE_ALL(copy.size() == size_of(world));
  int relation = MPI_IDENT;
  MPI_Comm_compare(world, copy.get(), &relation);
  REQUIRE_ALL(relation == MPI_CONGRUENT);
}
