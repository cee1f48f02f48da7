// Inputs of a graph's nodes, on every grid, against dense matrices and plain loops; and who is for
// what.
#include "reference/graph.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "runtime/random.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using reference::Edge;
using reference::Matrix;
using test::TestFolder;

namespace {

constexpr Index kNodes = 41, kFeatures = 7, kHops = 4, kSeed = 5;

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

/// A graph in which node 3 is isolated, node 5 has a loop, nodes 3 and 8 have no features and node
/// 9 no label; node 10 has label 0, which is no class, and the classes are -2, 4 and 7.
struct Graph {
  explicit Graph(bool weighted) : H(kNodes, kFeatures) {
    for (Index i = 0; i < kNodes; ++i)
      for (Index j = 0; j < i; ++j)
        if (i != 3 && j != 3 && (7 * i + 3 * j + i * j) % 11 < 2)
          edges.push_back(
              {i, j, weighted ? 0.25 + static_cast<double>((i + 2 * j) % 9) / 3.0 : 1.0});
    edges.push_back({5, 5, 1.0});
    for (Index i = 0; i < kNodes; ++i)
      for (Index j = 0; j < kFeatures; ++j)
        if (i != 3 && i != 8 && (i + 3 * j) % 4 < 2)
          H(i, j) = weighted ? 1.0 / static_cast<double>(1 + i + j) : 1.0;
  }

  static std::string label(Index node) {
    if (node == 9) return "";
    if (node == 10) return "0";
    const char* labels[] = {"7", "-2", "+4"};
    return labels[node % 3];
  }
  static int class_of(Index node) {
    const int classes[] = {2, 0, 1};
    return node == 9 || node == 10 ? kNoLabel : classes[node % 3];
  }

  std::string svmlight() const {
    std::string text = "# features of the nodes\n";
    for (Index i = 0; i < kNodes; ++i) {
      text += label(i);
      for (Index j = 0; j < kFeatures; ++j)
        if (H(i, j) != 0.0 || (i == 9 && j == 0))
          text += " " + std::to_string(j + 1) + ":" + number(H(i, j));
      text += i % 5 == 0 ? "  # a node\r\n" : "\n";
    }
    return text;
  }

  std::string matrix_market(bool pattern, bool symmetric) const {
    std::string body;
    Index entries = 0;
    const auto add = [&](Index row, Index col, double weight) {
      body += std::to_string(row + 1) + " " + std::to_string(col + 1) +
              (pattern ? "" : " " + number(weight)) + "\n";
      ++entries;
    };
    for (std::size_t k = 0; k < edges.size(); ++k) {
      const Edge& e = edges[k];
      const bool upper = k % 3 == 0;
      add(upper ? e.j : e.i, upper ? e.i : e.j, e.weight);
      if (!symmetric && e.i != e.j) add(upper ? e.i : e.j, upper ? e.j : e.i, e.weight);
    }
    const std::string n = std::to_string(kNodes);
    return std::string("%%MatrixMarket matrix coordinate ") + (pattern ? "pattern" : "real") +
           (symmetric ? " symmetric" : " general") + "\n% a graph\n\n" + n + " " + n + " " +
           std::to_string(entries) + "\n" + body;
  }

  std::vector<Edge> edges;
  Matrix H;
};

std::string lines(const std::vector<Index>& nodes) {
  std::string text;
  for (const Index node : nodes) text += std::to_string(node) + "\n";
  return text;
}

/// Nodes 3, 8, 9 and 10 are tested or validated; some are in no list.
struct Lists {
  std::vector<Index> train = {40, 0, 1, 2, 17, 6, 22, 5, 31, 30, 14, 13, 12},
                     validation = {8, 33, 20, 9};
  std::vector<Index> test = {10, 3, 25, 39, 38, 37};
};

DataOptions options_for(const TestFolder& folder, const Graph& graph, bool pattern, bool symmetric,
                        bool packed) {
  const std::string end = packed ? ".gz" : "";
  const Lists lists;
  DataOptions options;
  options.format = "svmlight";
  options.train = folder.write("nodes.svm" + end, graph.svmlight());
  options.graph = folder.write("graph.mtx" + end, graph.matrix_market(pattern, symmetric));
  options.hops = kHops;
  options.train_nodes = folder.write("train.txt", lines(lists.train));
  options.validation_nodes = folder.write("validation.txt", lines(lists.validation));
  options.test_nodes = folder.write("test.txt", lines(lists.test));
  return options;
}

/// Sums of up to 12 products a hop, all positive, each entry of S rounded four times: less than
/// 10 rounding units a hop.
constexpr double kTolerance = 1e-15 * kHops;

/// Whether the set has these nodes in this order, with their inputs and classes. Collective.
bool holds(const SampleSet& set, const Matrix& X, const std::vector<Index>& nodes,
           const ProcessGrid& grid) {
  bool right = set.samples == static_cast<Index>(nodes.size());
  const Index slab = slab_width(set.widest, grid.size());
  for (const SamplePanel& panel : set.panels) {
    right = right && panel.inputs.rows() == X.cols + 1;
    const std::vector<double> all = gather(panel.inputs);
    const auto node = [&](Index j) { return nodes[static_cast<std::size_t>(panel.first + j)]; };
    for (Index j = 0; right && j < panel.count; ++j)
      for (Index i = 0; i < X.cols; ++i) {
        const double x = all[static_cast<std::size_t>(j * panel.inputs.rows() + i)];
        const double expected = X(node(j), i);
        right = right && std::abs(x - expected) <= kTolerance * std::abs(expected);
      }
    const Index first = std::min(grid.rank() * slab, panel.count);
    for (Index j = 0; right && j < panel.targets.count(); ++j)
      right = panel.targets.class_of(j) == Graph::class_of(node(first + j));
  }
  return right;
}

std::vector<Index> sorted(std::vector<Index> nodes) {
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

std::vector<Index> shuffled(const std::vector<Index>& nodes) {
  const std::vector<Index> ascending = sorted(nodes);
  const Shuffle order(static_cast<Index>(nodes.size()), kSeed, Stream::shuffle);
  std::vector<Index> result;
  for (Index p = 0; p < order.size(); ++p)
    result.push_back(ascending[static_cast<std::size_t>(order(p))]);
  return result;
}

std::vector<std::pair<int, int>> grids() {
  const int ranks = size_of(MPI_COMM_WORLD);
  std::vector<std::pair<int, int>> result = {{1, ranks}};
  if (ranks > 1) result.emplace_back(ranks, 1);
  if (ranks == 4) result.insert(result.end(), {{2, 2}, {1, 3}});
  return result;
}

}  // namespace

TEST_CASE("inputs of a graph's nodes equal those of dense matrices on every grid") {
  const bool weighted = GENERATE(false, true), symmetric = GENERATE(true, false);
  const bool packed = GENERATE(false, true);
  const Graph graph(weighted);
  const TestFolder folder;
  const DataOptions options = options_for(folder, graph, !weighted, symmetric, packed);
  const Matrix X = reference::propagated(graph.H, graph.edges, kHops);
  const Lists lists;
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE(shape.features == kHops * kFeatures);
  REQUIRE(shape.class_labels == std::vector<std::string>{"-2", "4", "7"});
  REQUIRE((shape.train == 13 && shape.validation == 4 && shape.test == 6));
  std::uint64_t checksum = 0;
  for (const auto& [rows, cols] : grids()) {
    INFO("grid " << rows << " x " << cols);
    const ProcessGrid grid(MPI_COMM_WORLD, rows, cols);
    bool right = true;
    if (grid.contains_this_rank()) {
      const Dataset data = load(options, shape, kSeed, grid, {3, true, {0, 6, 7, 13}, 5});
      right = holds(data.train, X, shuffled(lists.train), grid) &&
              holds(data.validation, X, sorted(lists.validation), grid) &&
              holds(data.test, X, sorted(lists.test), grid) &&
              data.preprocessing.kind == Scaling::none && data.preprocessing.hops == kHops &&
              data.notes.size() == 1 &&
              data.notes[0].find("1 nodes have none") != std::string::npos &&
              data.notes[0].find("1 loops") != std::string::npos &&
              (checksum == 0 || checksum == data.values_checksum);
      checksum = data.values_checksum;
    }
    REQUIRE_ALL(right);
  }
}

TEST_CASE("nodes to predict for: those of a list, or all") {
  const Graph graph(true);
  const TestFolder folder;
  DataOptions options = options_for(folder, graph, false, true, false);
  const Matrix X = reference::propagated(graph.H, graph.edges, kHops);
  const bool all = GENERATE(false, true);
  if (all) options.test_nodes.clear();
  std::vector<Index> nodes = sorted(Lists().test);
  if (all)
    for (nodes.clear(); static_cast<Index>(nodes.size()) < kNodes;)
      nodes.push_back(static_cast<Index>(nodes.size()));
  const DataShape shape =
      probe_test(options, {kHops * kFeatures, {"-2", "4", "7"}, {}}, MPI_COMM_WORLD);
  REQUIRE(shape.test == static_cast<Index>(nodes.size()));
  const auto n = static_cast<std::size_t>(shape.features);
  const Preprocessing given{
      Scaling::none, std::vector<double>(n, 0.0), std::vector<double>(n, 1.0), {}};
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const SampleSet set = load_test(options, shape, given, grid, {64, true, {0}, 9});
  REQUIRE_ALL(holds(set, X, nodes, grid));
}

TEST_CASE("eigenvectors are those of the nodes to train on") {
  const Graph graph(true);
  const TestFolder folder;
  const DataOptions options = options_for(folder, graph, false, true, false);
  const Matrix X = reference::propagated(graph.H, graph.edges, kHops);
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const Preprocessing learnt = learn_eigenvectors(options, shape, kSeed, MPI_COMM_WORLD);
  double trace = 0.0, squares = 0.0;
  for (const double value : learnt.eigenvalues) trace += value;
  for (const Index node : Lists().train)
    for (Index i = 0; i < X.cols; ++i) squares += X(node, i) * X(node, i);
  REQUIRE_ALL(std::abs(trace - squares) <= 1e-12 * squares);
}
