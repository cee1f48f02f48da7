// The wrappers and what they count; the header says what that is. Each makes the call it counts.
#include "mpi_counter/mpi_counter.h"

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

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

double sum(const int counts[], int size) {
  return std::accumulate(counts, counts + size, 0.0);
}

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

/// The same to each rank.
void send_all_alike(int count, MPI_Datatype type, MPI_Comm comm) {
  if (count > 0) add(ranks_of(comm) - 1, payload(count, type) * (ranks_of(comm) - 1));
}

/// The counts are those of each receiver.
void send_each(const int counts[], MPI_Datatype type, MPI_Comm comm) {
  const int ranks = ranks_of(comm);
  for (int rank = 0; rank < ranks; ++rank)
    if (counts[rank] > 0) send(counts[rank], type, rank, comm);
}

void start() {
  counter.phases = {{"outside the phases"}};
  counter.running.clear();
  counter.on = true;
}

bool turn(bool on) {
  return std::exchange(counter.on, on);
}

void phase_begins(const char* name) {
  if (!counter.on) return;
  std::size_t known = 1;
  while (known < counter.phases.size() && counter.phases[known].name != name) ++known;
  if (known == counter.phases.size()) counter.phases.push_back({name});
  counter.running.push_back(known);
}

void phase_ends() {
  // Empty: the phase began before the counting.
  if (!counter.running.empty()) counter.running.pop_back();
}

int phases() {
  return static_cast<int>(counter.phases.size());
}

MpiCounter::Phase phase(int number) {
  const Count& count = counter.phases.at(static_cast<std::size_t>(number));
  return {count.name.c_str(), count.messages, count.bytes};
}

}  // namespace
}  // namespace admmnet

using namespace admmnet;

// ---- what can be found from outside: the interface, and MPI with signatures of MPI-3.1 ----

extern "C" {

extern const MpiCounter admmnet_mpi_counter_1;  // a constant is of this file alone otherwise
const MpiCounter admmnet_mpi_counter_1 = {start, turn, phase_begins, phase_ends, phases, phase};

#define ADMMNET_SEND(NAME)                                                               \
  int NAME(const void* data, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm) { \
    if (counter.on) send(n, type, to, comm);                                             \
    return P##NAME(data, n, type, to, tag, comm);                                        \
  }
ADMMNET_SEND(MPI_Send)
ADMMNET_SEND(MPI_Bsend)
ADMMNET_SEND(MPI_Rsend)
ADMMNET_SEND(MPI_Ssend)

#define ADMMNET_ISEND(NAME)                                                            \
  int NAME(const void* data, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm, \
           MPI_Request* request) {                                                     \
    if (counter.on) send(n, type, to, comm);                                           \
    return P##NAME(data, n, type, to, tag, comm, request);                             \
  }
ADMMNET_ISEND(MPI_Isend)
ADMMNET_ISEND(MPI_Ibsend)
ADMMNET_ISEND(MPI_Irsend)
ADMMNET_ISEND(MPI_Issend)

int MPI_Sendrecv(const void* data, int n, MPI_Datatype type, int to, int tag, void* received,
                 int n_received, MPI_Datatype type_received, int from, int tag_received,
                 MPI_Comm comm, MPI_Status* status) {
  if (counter.on) send(n, type, to, comm);
  return PMPI_Sendrecv(data, n, type, to, tag, received, n_received, type_received, from,
                       tag_received, comm, status);
}

int MPI_Sendrecv_replace(void* data, int n, MPI_Datatype type, int to, int tag, int from,
                         int tag_received, MPI_Comm comm, MPI_Status* status) {
  if (counter.on) send(n, type, to, comm);
  return PMPI_Sendrecv_replace(data, n, type, to, tag, from, tag_received, comm, status);
}

int MPI_Barrier(MPI_Comm comm) {
  if (counter.on) collective(1.0, 0.0, MPI_BYTE, comm);
  return PMPI_Barrier(comm);
}

int MPI_Ibarrier(MPI_Comm comm, MPI_Request* request) {
  if (counter.on) collective(1.0, 0.0, MPI_BYTE, comm);
  return PMPI_Ibarrier(comm, request);
}

int MPI_Bcast(void* data, int n, MPI_Datatype type, int root, MPI_Comm comm) {
  if (counter.on) collective(1.0, n, type, comm);
  return PMPI_Bcast(data, n, type, root, comm);
}

int MPI_Ibcast(void* data, int n, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request* request) {
  if (counter.on) collective(1.0, n, type, comm);
  return PMPI_Ibcast(data, n, type, root, comm, request);
}

int MPI_Reduce(const void* data, void* result, int n, MPI_Datatype type, MPI_Op op, int root,
               MPI_Comm comm) {
  if (counter.on) collective(1.0, n, type, comm);
  return PMPI_Reduce(data, result, n, type, op, root, comm);
}

int MPI_Allreduce(const void* data, void* result, int n, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
  if (counter.on) collective(2.0, n, type, comm);
  return PMPI_Allreduce(data, result, n, type, op, comm);
}

int MPI_Iallreduce(const void* data, void* result, int n, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request* request) {
  if (counter.on) collective(2.0, n, type, comm);
  return PMPI_Iallreduce(data, result, n, type, op, comm, request);
}

#define ADMMNET_SCAN(NAME)                                                                       \
  int NAME(const void* data, void* result, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm) { \
    if (counter.on) collective(1.0, n, type, comm);                                              \
    return P##NAME(data, result, n, type, op, comm);                                             \
  }
ADMMNET_SCAN(MPI_Scan)
ADMMNET_SCAN(MPI_Exscan)

int MPI_Reduce_scatter(const void* data, void* result, const int counts[], MPI_Datatype type,
                       MPI_Op op, MPI_Comm comm) {
  if (counter.on) collective(1.0, sum(counts, ranks_of(comm)), type, comm);
  return PMPI_Reduce_scatter(data, result, counts, type, op, comm);
}

int MPI_Reduce_scatter_block(const void* data, void* result, int n, MPI_Datatype type, MPI_Op op,
                             MPI_Comm comm) {
  if (counter.on) collective(1.0, double(n) * ranks_of(comm), type, comm);
  return PMPI_Reduce_scatter_block(data, result, n, type, op, comm);
}

int MPI_Allgather(const void* data, int n, MPI_Datatype type, void* result, int n_received,
                  MPI_Datatype type_received, MPI_Comm comm) {
  if (counter.on) collective(1.0, double(n_received) * ranks_of(comm), type_received, comm);
  return PMPI_Allgather(data, n, type, result, n_received, type_received, comm);
}

int MPI_Allgatherv(const void* data, int n, MPI_Datatype type, void* result, const int counts[],
                   const int places[], MPI_Datatype type_received, MPI_Comm comm) {
  if (counter.on) collective(1.0, sum(counts, ranks_of(comm)), type_received, comm);
  return PMPI_Allgatherv(data, n, type, result, counts, places, type_received, comm);
}

int MPI_Gather(const void* data, int n, MPI_Datatype type, void* result, int n_received,
               MPI_Datatype type_received, int root, MPI_Comm comm) {
  if (counter.on && n > 0) send(n, type, root, comm);
  return PMPI_Gather(data, n, type, result, n_received, type_received, root, comm);
}

int MPI_Gatherv(const void* data, int n, MPI_Datatype type, void* result, const int counts[],
                const int places[], MPI_Datatype type_received, int root, MPI_Comm comm) {
  if (counter.on && n > 0) send(n, type, root, comm);
  return PMPI_Gatherv(data, n, type, result, counts, places, type_received, root, comm);
}

int MPI_Scatter(const void* data, int n, MPI_Datatype type, void* result, int n_received,
                MPI_Datatype type_received, int root, MPI_Comm comm) {
  if (counter.on && own_rank_in(comm) == root) send_all_alike(n, type, comm);
  return PMPI_Scatter(data, n, type, result, n_received, type_received, root, comm);
}

int MPI_Scatterv(const void* data, const int counts[], const int places[], MPI_Datatype type,
                 void* result, int n_received, MPI_Datatype type_received, int root,
                 MPI_Comm comm) {
  if (counter.on && own_rank_in(comm) == root) send_each(counts, type, comm);
  return PMPI_Scatterv(data, counts, places, type, result, n_received, type_received, root, comm);
}

// In place the counts and types of the receiving side hold, which an exchange makes the same.
int MPI_Alltoall(const void* data, int n, MPI_Datatype type, void* result, int n_received,
                 MPI_Datatype type_received, MPI_Comm comm) {
  if (counter.on) send_all_alike(n_received, type_received, comm);
  return PMPI_Alltoall(data, n, type, result, n_received, type_received, comm);
}

int MPI_Alltoallv(const void* data, const int counts[], const int places[], MPI_Datatype type,
                  void* result, const int counts_received[], const int places_received[],
                  MPI_Datatype type_received, MPI_Comm comm) {
  if (counter.on)
    data == MPI_IN_PLACE ? send_each(counts_received, type_received, comm)
                         : send_each(counts, type, comm);
  return PMPI_Alltoallv(data, counts, places, type, result, counts_received, places_received,
                        type_received, comm);
}

}  // extern "C"
