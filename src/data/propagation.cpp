#include "data/propagation.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "data/dataset.h"
#include "data/graph.h"
#include "data/svmlight.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"
#include "runtime/machine.h"

namespace admmnet {

namespace {

/// The inputs of this rank's used nodes.
class UsedRows final : public SampleSource {
 public:
  UsedRows(const std::vector<int>& classes, Index first, Index count, Index inputs)
      : first_(first), inputs_(inputs) {
    Index used = 0;
    for (Index i = 0; i < count; ++i) {
      const bool is_used = classes[static_cast<std::size_t>(first + i)] != kNotSelected;
      row_of_.push_back(is_used ? used++ : -1);
    }
    values_.resize(static_cast<std::size_t>(used * inputs));
  }

  /// Of the local node i; null: it is not used.
  double* row(Index i) {
    const Index row = row_of_[static_cast<std::size_t>(i)];
    return row < 0 ? nullptr : values_.data() + row * inputs_;
  }

  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return true; }
  void read(Index first, Index count, unsigned char* records) override {
    ADMMNET_REQUIRE(first >= first_ && first + count <= first_ + static_cast<Index>(row_of_.size()),
                    "UsedRows: nodes of another rank");
    const std::size_t bytes = static_cast<std::size_t>(inputs_) * sizeof(double);
    for (Index i = first - first_; count > 0; ++i, --count, records += bytes)
      if (const double* values = row(i)) std::memcpy(records, values, bytes);
  }
  void expect_end() override {}

 private:
  Index first_, inputs_;
  std::vector<Index> row_of_;
  std::vector<double> values_;
};

/// Columns first .. first + count - 1 of the rows, column-major.
std::vector<double> dense_columns(const SparseRows& rows, Index first, Index count) {
  const std::size_t height = rows.begins.size() - 1;
  std::vector<double> dense(height * static_cast<std::size_t>(count), 0.0);
  for (std::size_t i = 0; i < height; ++i) {
    const auto end = rows.cols.begin() + static_cast<std::ptrdiff_t>(rows.begins[i + 1]);
    auto col = std::lower_bound(rows.cols.begin() + static_cast<std::ptrdiff_t>(rows.begins[i]),
                                end, first);
    for (; col != end && *col < first + count; ++col)
      dense[static_cast<std::size_t>(*col - first) * height + i] =
          rows.values[static_cast<std::size_t>(col - rows.cols.begin())];
  }
  return dense;
}

void keep_rows(const std::vector<double>& block, Index height, Index count, Index to,
               UsedRows& used) {
  for (Index i = 0; i < height; ++i)
    if (double* row = used.row(i))
      for (Index j = 0; j < count; ++j)
        row[to + j] = block[static_cast<std::size_t>(j * height + i)];
}

std::string describe(const Graph& graph, Index nodes) {
  std::string text = "the graph has " + std::to_string(nodes) + " nodes and " +
                     std::to_string(graph.edges) + " edges";
  if (graph.isolated > 0)
    text += "; " + std::to_string(graph.isolated) + " nodes have none and see themselves alone";
  if (graph.loops > 0)
    text += "; " + std::to_string(graph.loops) +
            " loops of the file are left out, since each node gets one";
  return text;
}

}  // namespace

void check_memory_of_inputs(const DataOptions& options, const DataShape& shape,
                            const SourceFile& nodes, MPI_Comm comm) {
  // Twice the used rows of an even share.
  const auto used = static_cast<double>(std::count_if(nodes.classes.begin(), nodes.classes.end(),
                                                      [](int c) { return c != kNotSelected; }));
  const double dense = 8.0 * used * static_cast<double>(shape.features);
  const double needed = 2.0 * dense / size_of(comm) + 4.0 * kColumnBytes;
  const Machine machine = describe_machine(comm);
  const double there =
      machine.min_available_memory_per_node / std::max(1, machine.max_ranks_per_node);
  if (there <= 0.0 || needed <= there) return;
  char sizes[160];
  std::snprintf(sizes, sizeof sizes,
                "%.3g GB of inputs need %.3g GB a rank while they are read, and "
                "%.3g GB are there",
                1e-9 * dense, 1e-9 * needed, 1e-9 * there);
  throw BadInput("-data_graph " + options.graph + ": " + std::to_string(options.hops) +
                 " blocks make " + std::to_string(shape.features) + " inputs for each of " +
                 std::to_string(static_cast<Index>(used)) + " nodes; " + sizes +
                 ": set fewer -data_hops, leave nodes out of the lists, or use more machines");
}

Propagated propagate(const DataOptions& options, const DataShape& shape, const SourceFile& nodes,
                     MPI_Comm comm) {
  const Index features = shape.features / options.hops;
  const auto count = static_cast<Index>(nodes.classes.size());
  MatrixMarketHeader header;
  collectively(comm, [&] { header = read_matrix_market_header(options.graph); });
  ADMMNET_REQUIRE(header.nodes == count, "propagate: the graph is not what it was");
  const Graph graph = read_graph(header, comm);
  const SparseMatrix& S = graph.normalised;
  const Index first = S.first_row(), height = S.local_rows();
  SparseRows H;
  collectively(comm,
               [&] { H = read_svmlight_rows(nodes.path, features, nodes.marks, first, height); });

  auto used = std::make_unique<UsedRows>(nodes.classes, first, height, shape.features);
  const Index widest = slab_width(count, size_of(comm));
  const Index at_once = std::max<Index>(
      1,
      std::min(features, static_cast<Index>(kColumnBytes / (8.0 * static_cast<double>(widest)))));
  for (Index j = 0; j < features; j += at_once) {
    const Index columns = std::min(at_once, features - j);
    // X_k(:, j...) = S X_{k-1}(:, j...),  X_0 = H
    std::vector<double> block = dense_columns(H, j, columns);
    keep_rows(block, height, columns, j, *used);
    for (Index k = 1; k < options.hops; ++k) {
      beat("multiplying features with the graph");
      block = S.times(block, columns);
      keep_rows(block, height, columns, k * features + j, *used);
    }
  }
  return {std::move(used), graph.checksum, {describe(graph, count)}};
}

}  // namespace admmnet
