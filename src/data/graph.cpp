#include "data/graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#include "linalg/block_cyclic_matrix.h"
#include "runtime/communicator.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

using Entries = std::vector<MatrixMarketEntry>;

Index larger(const MatrixMarketEntry& e) {
  return std::max(e.row, e.col);
}

/// The entries of all ranks whose larger node is one of this rank's. Collective.
Entries to_owners(const Entries& entries, Index nodes, MPI_Comm comm) {
  const int ranks = size_of(comm);
  const Index width = slab_width(nodes, ranks);
  const auto count = static_cast<std::size_t>(ranks);
  std::vector<int> sent(count, 0), received(count), sent_from(count, 0), received_from(count, 0);
  for (const MatrixMarketEntry& e : entries) ++sent[static_cast<std::size_t>(larger(e) / width)];
  ADMMNET_MPI(MPI_Alltoall(sent.data(), 1, MPI_INT, received.data(), 1, MPI_INT, comm));
  for (std::size_t r = 1; r < count; ++r) {
    sent_from[r] = sent_from[r - 1] + sent[r - 1];
    received_from[r] = received_from[r - 1] + received[r - 1];
  }
  Entries outgoing(entries.size());
  Entries incoming(static_cast<std::size_t>(received_from.back() + received.back()));
  std::vector<int> next = sent_from;
  for (const MatrixMarketEntry& e : entries)
    outgoing[static_cast<std::size_t>(next[static_cast<std::size_t>(larger(e) / width)]++)] = e;
  MPI_Datatype letter = MPI_DATATYPE_NULL;
  ADMMNET_MPI(MPI_Type_contiguous(sizeof(MatrixMarketEntry), MPI_BYTE, &letter));
  ADMMNET_MPI(MPI_Type_commit(&letter));
  ADMMNET_MPI(MPI_Alltoallv(outgoing.data(), sent.data(), sent_from.data(), letter, incoming.data(),
                            received.data(), received_from.data(), letter, comm));
  ADMMNET_MPI(MPI_Type_free(&letter));
  return incoming;
}

/// By edge, whatever its direction, and then by line.
auto by_edge(const MatrixMarketEntry& e) {
  return std::make_tuple(larger(e), std::min(e.row, e.col), e.line);
}

bool same_edge(const MatrixMarketEntry& a, const MatrixMarketEntry& b) {
  return larger(a) == larger(b) && std::min(a.row, a.col) == std::min(b.row, b.col);
}

std::string name(const MatrixMarketEntry& e) {
  return std::to_string(e.row + 1) + " " + std::to_string(e.col + 1);
}

/// Of the entries of one edge, in the order of their lines: throws BadInput unless the file may
/// have just these.
void check_edge(const MatrixMarketHeader& header, Entries::const_iterator begin,
                Entries::const_iterator end) {
  const auto place = [&](const MatrixMarketEntry& e) {
    return header.path + ", line " + std::to_string(e.line) + ": the entry " + name(e);
  };
  const bool both_ways = !header.symmetric && begin->row != begin->col;
  if (both_ways && end - begin == 1)
    throw BadInput(place(*begin) +
                   " has no counterpart with row and column exchanged, and a graph is undirected; "
                   "write the other direction too, or say symmetric in the first line and each "
                   "edge once");
  for (auto e = begin + 1; e != end; ++e)
    if (!both_ways || e - begin > 1 || e->row == begin->row)
      throw BadInput(
          place(*e) + " is the edge of line " + std::to_string(begin->line) + " once more" +
          (header.symmetric ? ", and a symmetric matrix has each once" : "") + "; leave one out");
  if (both_ways && begin->weight != (begin + 1)->weight)
    throw BadInput(place(*(begin + 1)) + " has another weight than line " +
                   std::to_string(begin->line) +
                   ", its other direction; a graph is undirected: give both the same");
}

/// Every edge once, loops too. Rank-local.
Entries edges_of(const MatrixMarketHeader& header, Entries entries) {
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return by_edge(a) < by_edge(b); });
  Entries edges;
  for (auto begin = entries.cbegin(); begin != entries.cend();) {
    const auto end = std::find_if_not(
        begin, entries.cend(), [&](const MatrixMarketEntry& e) { return same_edge(*begin, e); });
    check_edge(header, begin, end);
    edges.push_back(*begin);
    begin = end;
  }
  return edges;
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

void sum_over_ranks(Graph& graph, MPI_Comm comm) {
  Index counts[] = {graph.edges, graph.loops, graph.isolated};
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, counts, 3, MPI_INT64_T, MPI_SUM, comm));
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &graph.checksum, 1, MPI_UINT64_T, MPI_SUM, comm));
  graph.edges = counts[0];
  graph.loops = counts[1];
  graph.isolated = counts[2];
}

/// s = (D + I)^(-1/2) 1 for this rank's rows of A + I.
std::vector<double> scales_of(const SparseMatrix& with_loops) {
  std::vector<double> s = with_loops.row_sums();
  for (double& x : s) x = 1.0 / std::sqrt(x);
  return s;
}

}  // namespace

Graph read_graph(const MatrixMarketHeader& header, MPI_Comm comm) {
  const Entries read = to_owners(read_matrix_market(header, comm), header.nodes, comm);
  Entries edges;
  collectively(comm, [&] { edges = edges_of(header, read); });

  // A + I
  const Index nodes = header.nodes, width = slab_width(nodes, size_of(comm));
  const Index first = std::min(nodes, rank_of(comm) * width), end = std::min(nodes, first + width);
  std::vector<SparseEntry> entries;
  for (Index i = first; i < end; ++i) entries.push_back({i, i, 1.0});
  Index count = 0, loops = 0;
  std::uint64_t checksum = 0;
  for (const MatrixMarketEntry& e : edges) {
    if (e.row == e.col) {
      ++loops;
      continue;
    }
    ++count;
    entries.push_back({e.row, e.col, e.weight});
    entries.push_back({e.col, e.row, e.weight});
    checksum += mix(static_cast<std::uint64_t>(larger(e) * nodes + std::min(e.row, e.col)),
                    bits_of(e.weight));
  }
  Graph graph{SparseMatrix(nodes, entries, comm), count, loops, 0, checksum};
  std::vector<SparseEntry>().swap(entries);

  // S = diag(s) (A + I) diag(s),  s = (D + I)^(-1/2) 1
  const std::vector<double> s = scales_of(graph.normalised);
  graph.isolated = std::count(s.begin(), s.end(), 1.0);
  graph.normalised.scale_both_sides(s);
  sum_over_ranks(graph, comm);
  return graph;
}

}  // namespace admmnet
