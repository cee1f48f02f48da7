#include "runtime/communication_counter.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <sstream>

#include "runtime/communicator.h"

namespace admmnet {
namespace {

struct Count {
  std::string name;
  double messages = 0.0, bytes = 0.0;
};

struct Counter {
  bool on = false;
  std::vector<Count> phases;         // 0: outside the phases
  std::vector<std::size_t> running;  // outermost first
};
Counter counter;  // one thread calls MPI (MPI_THREAD_FUNNELED)

void add(double messages, double bytes) {
  Count& count = counter.phases[counter.running.empty() ? 0 : counter.running.back()];
  count.messages += messages;
  count.bytes += bytes;
}

int ranks_of(MPI_Comm comm) {
  int size = 1;
  PMPI_Comm_size(comm, &size);
  return size;
}

int own_rank_in(MPI_Comm comm) {
  int rank = 0;
  PMPI_Comm_rank(comm, &rank);
  return rank;
}

double payload(double count, MPI_Datatype type) {
  int size = 0;
  PMPI_Type_size(type, &size);
  return count * size;
}

double sum(const int counts[], int size) { return std::accumulate(counts, counts + size, 0.0); }

double rounds(int ranks) {
  int result = 0;
  while ((1LL << result) < ranks) ++result;
  return result;
}

void send(double count, MPI_Datatype type, int destination, MPI_Comm comm) {
  if (destination != MPI_PROC_NULL && destination != own_rank_in(comm))
    add(1.0, payload(count, type));
}

/// A collective call that moves `total` elements `passes` times, 2 for reduce and distribute.
void collective(double passes, double total, MPI_Datatype type, MPI_Comm comm) {
  const int ranks = ranks_of(comm);
  add(passes * rounds(ranks), passes * payload(total, type) * (ranks - 1) / ranks);
}

/// The counts are those of each receiver.
void send_each(const int counts[], MPI_Datatype type, MPI_Comm comm) {
  const int ranks = ranks_of(comm);
  for (int rank = 0; rank < ranks; ++rank)
    if (counts[rank] > 0) send(counts[rank], type, rank, comm);
}

}  // namespace

void start_counting_communication() {
  counter.phases = {{"outside the phases"}};
  counter.running.clear();
  counter.on = true;
}

bool counting_communication() { return counter.on; }

void communication_phase_begins(const std::string& name) {
  if (!counter.on) return;
  const auto known = std::find_if(counter.phases.begin() + 1, counter.phases.end(),
                                  [&](const Count& count) { return count.name == name; });
  counter.running.push_back(static_cast<std::size_t>(known - counter.phases.begin()));
  if (known == counter.phases.end()) counter.phases.push_back({name});
}

void communication_phase_ends() {
  // Empty: the phase began before the counting.
  if (!counter.running.empty()) counter.running.pop_back();
}

std::vector<PhaseCommunication> communication_summary(MPI_Comm comm) {
  const bool was_on = std::exchange(counter.on, false);
  std::vector<Count> mine = counter.phases;
  if (mine.empty()) mine.push_back({"outside the phases"});
  std::rotate(mine.begin(), mine.begin() + 1, mine.end());
  Count total{"total"};
  for (const Count& count : mine) {
    total.messages += count.messages;
    total.bytes += count.bytes;
  }
  mine.push_back(total);
  std::string names;
  for (const Count& count : mine) names += count.name + "\n";
  std::istringstream lines(broadcast(names, 0, comm));

  std::vector<PhaseCommunication> result;
  const auto over_ranks = [&](double value) {
    return Spread{min_over(comm, value), sum_over(comm, value) / size_of(comm),
                  max_over(comm, value)};
  };
  for (std::string name; std::getline(lines, name);) {
    const auto here = std::find_if(mine.begin(), mine.end(),
                                   [&](const Count& count) { return count.name == name; });
    const Count count = here == mine.end() ? Count{name} : *here;
    result.push_back({name, over_ranks(count.messages), over_ranks(count.bytes)});
  }
  counter.on = was_on;
  return result;
}

std::string communication_table(const std::vector<PhaseCommunication>& phases) {
  char text[200];
  std::snprintf(text, sizeof text, "%-28s %11s %11s %11s %11s %11s %11s\n", "phase", "min [msg]",
                "avg [msg]", "max [msg]", "min [kB]", "avg [kB]", "max [kB]");
  std::string table = text;
  for (const PhaseCommunication& phase : phases) {
    const Spread &m = phase.messages, &b = phase.bytes;
    std::snprintf(text, sizeof text, "%-28.60s %11.0f %11.1f %11.0f %11.1f %11.1f %11.1f\n",
                  phase.name.c_str(), m.min, m.average, m.max, 1e-3 * b.min, 1e-3 * b.average,
                  1e-3 * b.max);
    table += text;
  }
  return table;
}

}  // namespace admmnet

// ---- the wrappers: signatures of MPI-3.1 ----
// clang-format off: one call a paragraph, its arguments as in the standard
using admmnet::counter;
using admmnet::collective;
using admmnet::own_rank_in;
using admmnet::ranks_of;
using admmnet::send;
using admmnet::send_each;
using admmnet::sum;

#define ADMMNET_SEND(NAME)                                                                     \
  int MPI_##NAME(const void* buffer, int count, MPI_Datatype type, int destination, int tag,   \
                 MPI_Comm comm) {                                                              \
    if (counter.on) send(count, type, destination, comm);                                      \
    return PMPI_##NAME(buffer, count, type, destination, tag, comm);                           \
  }
#define ADMMNET_ISEND(NAME)                                                                    \
  int MPI_##NAME(const void* buffer, int count, MPI_Datatype type, int destination, int tag,   \
                 MPI_Comm comm, MPI_Request* request) {                                        \
    if (counter.on) send(count, type, destination, comm);                                      \
    return PMPI_##NAME(buffer, count, type, destination, tag, comm, request);                  \
  }
