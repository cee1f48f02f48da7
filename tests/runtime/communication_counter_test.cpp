#include "runtime/communication_counter.h"

#include <array>
#include <cmath>

#include "runtime/communicator.h"
#include "runtime/timers.h"
#include "support/mpi_check.h"

using namespace admmnet;

static const MPI_Comm world = MPI_COMM_WORLD;

static const PhaseCommunication& line(const std::vector<PhaseCommunication>& table,
                                      const std::string& name) {
  for (const PhaseCommunication& phase : table)
    if (phase.name == name) return phase;
  throw std::runtime_error("no phase " + name);
}

/// The same on all ranks.
static bool all_are(const Spread& spread, double value) {
  const double rounding = 1e-12 * (1.0 + value);  // the average is a sum over at most 4 ranks
  return spread.min == value && spread.max == value && std::abs(spread.average - value) < rounding;
}

/// What the work sends: messages and bytes of the line "total".
template <class Work>
static PhaseCommunication counted(const Work& work) {
  start_counting_communication(world);
  work();
  return line(communication_summary(world), "total");
}

TEST_CASE("collective calls count as a bandwidth-optimal algorithm moves them") {
  const double P = size_of(world), rounds = std::ceil(std::log2(P));
  std::array<double, 12> data{}, result{};
  const PhaseCommunication bcast =
      counted([&] { MPI_Bcast(data.data(), 12, MPI_DOUBLE, 0, world); });
  REQUIRE_ALL(all_are(bcast.messages, rounds));
  REQUIRE_ALL(all_are(bcast.bytes, 96 * (P - 1) / P));

  const PhaseCommunication allreduce =
      counted([&] { MPI_Allreduce(data.data(), result.data(), 12, MPI_DOUBLE, MPI_SUM, world); });
  REQUIRE_ALL(all_are(allreduce.messages, 2 * rounds));
  REQUIRE_ALL(all_are(allreduce.bytes, 2 * 96 * (P - 1) / P));

  // 3 floats from each rank: 12 P bytes in all.
  std::array<float, 3> part{};
  std::array<float, 12> whole{};
  const PhaseCommunication allgather =
      counted([&] { MPI_Allgather(part.data(), 3, MPI_FLOAT, whole.data(), 3, MPI_FLOAT, world); });
  REQUIRE_ALL(all_are(allgather.bytes, 12 * (P - 1)));

  std::array<int, 4> counts{1, 2, 3, 4};
  double total = 0;
  for (int i = 0; i < size_of(world); ++i) total += counts[static_cast<std::size_t>(i)];
  const PhaseCommunication scattered = counted([&] {
    MPI_Reduce_scatter(data.data(), result.data(), counts.data(), MPI_DOUBLE, MPI_SUM, world);
  });
  REQUIRE_ALL(all_are(scattered.messages, rounds));
  REQUIRE_ALL(all_are(scattered.bytes, 8 * total * (P - 1) / P));
}

TEST_CASE("point to point as sent, nothing to oneself") {
  const int rank = rank_of(world), size = size_of(world), next = (rank + 1) % size;
  const int last = (rank + size - 1) % size;
  const double others = size > 1 ? 1 : 0;
  std::array<double, 4> data{}, result{};
  const PhaseCommunication ring = counted([&] {
    MPI_Request request;
    MPI_Isend(data.data(), 4, MPI_DOUBLE, next, 0, world, &request);
    MPI_Recv(result.data(), 4, MPI_DOUBLE, last, 0, world, MPI_STATUS_IGNORE);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Send(data.data(), 4, MPI_DOUBLE, MPI_PROC_NULL, 0, world);
  });
  REQUIRE_ALL(all_are(ring.messages, others));
  REQUIRE_ALL(all_are(ring.bytes, 32 * others));

  // Only rank 0 has something, for each of the others but the last.
  std::array<int, 4> counts{}, from{}, places{};
  for (int to = 0; rank == 0 && to < size - 1; ++to) counts[static_cast<std::size_t>(to)] = 1;
  from[0] = rank < size - 1 ? 1 : 0;
  const PhaseCommunication exchange = counted([&] {
    MPI_Alltoallv(data.data(), counts.data(), places.data(), MPI_DOUBLE, result.data(), from.data(),
                  places.data(), MPI_DOUBLE, world);
  });
  REQUIRE_ALL(exchange.messages.max == std::max(0, size - 2));
  REQUIRE_ALL(exchange.bytes.max == 8 * std::max(0, size - 2));
  REQUIRE_ALL(size == 1 || exchange.messages.min == 0);
}

TEST_CASE("phases of the timers, innermost first, and what lies outside") {
  Timers timers;
  const int outer = timers.phase("outer"), inner = timers.phase("inner");
  start_counting_communication(world);
  MPI_Barrier(world);
  {
    const auto all = timers.time(outer);
    MPI_Barrier(world);
    {
      const auto part = timers.time(inner);
      for (int i = 0; i < 3; ++i) MPI_Barrier(world);
    }
    MPI_Barrier(world);
  }
  const double rounds = std::ceil(std::log2(size_of(world)));
  communication_summary(world);  // itself does not count
  const auto table = communication_summary(world);
  REQUIRE_ALL(table.size() == 4);
  REQUIRE_ALL(table[0].name == "outer" && all_are(table[0].messages, 2 * rounds));
  REQUIRE_ALL(table[1].name == "inner" && all_are(table[1].messages, 3 * rounds));
  REQUIRE_ALL(table[2].name == "outside the phases" && all_are(table[2].messages, rounds));
  REQUIRE_ALL(table[3].name == "total" && all_are(table[3].messages, 6 * rounds));
  REQUIRE_ALL(all_are(table[3].bytes, 0));
}

TEST_CASE("a phase that began before the counting, and one that a rank lacks") {
  Timers timers;
  const int early = timers.phase("early"), late = timers.phase("late");
  {
    const auto running = timers.time(early);
    start_counting_communication(world);
    MPI_Barrier(world);
  }
  if (rank_of(world) == 0) const auto only_here = timers.time(late);
  const auto table = communication_summary(world);
  REQUIRE_ALL(table.size() == 3);
  REQUIRE_ALL(table[0].name == "late" && all_are(table[0].messages, 0));
  REQUIRE_ALL(line(table, "outside the phases").messages.min ==
              std::ceil(std::log2(size_of(world))));
}

TEST_CASE("the table") {
  CHECK(communication_table({{"weights", {1, 1.5, 2}, {1000, 2500, 4000}}}) ==
        "phase                          min [msg]   avg [msg]   max [msg]    min [kB]    avg [kB]"
        "    max [kB]\n"
        "weights                                1         1.5           2         1.0         2.5"
        "         4.0\n");
}
