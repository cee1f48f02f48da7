#include "checkpoint/tensor_io.h"

#include <algorithm>
#include <cstring>
#include <exception>

#include "checkpoint/faults.h"
#include "linalg/layout.h"
#include "linalg/slab_exchange.h"
#include "runtime/communicator.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// Columns first, ..., first + cols - 1 of one part of a tensor.
struct Panel {
  const StateTensor::Part& part;
  Index first, cols;

  BlockCyclicMatrix& matrix() const { return *part.matrix; }
  Index first_in_matrix() const { return part.first_col + first; }
  Index first_in_tensor() const { return part.position + first; }
};

/// Columns of a tensor that lie in this rank's memory as they stand in the file.
struct Run {
  double* data;
  Index first, cols;  ///< in the tensor
};

/// Brings the columns of panels to the ranks that move them from or to the file.
class Mover {
 public:
  explicit Mover(const StateTensor& tensor) : rows_(tensor.rows) {
    Index longest = 0;
    for (const StateTensor::Part& part : tensor.parts) longest = std::max(longest, part.cols);
    const BlockCyclicMatrix* first = tensor.parts.empty() ? nullptr : tensor.parts.front().matrix;
    const Index ranks = first != nullptr ? first->grid().size() : 1;
    const Index of_rank = staging_bytes / (8 * std::max<Index>(1, rows_));
    widest_ = std::min(longest, ranks * std::max<Index>(1, of_rank));
  }

  /// Panels of `tensor` in order, none wider than what the staging buffers hold.
  std::vector<Panel> panels_of(const StateTensor& tensor) const {
    std::vector<Panel> panels;
    for (const StateTensor::Part& part : tensor.parts)
      for (Index first = 0; first < part.cols; first += widest_)
        panels.push_back({part, first, std::min(widest_, part.cols - first)});
    return panels;
  }

  /// This rank's share of a panel: what it moves from or to the file.
  std::vector<Run> runs(const Panel& panel) {
    const BlockCyclicMatrix& A = panel.matrix();
    if (stays(panel)) return own_columns(panel);
    const auto range = SlabExchange::slab_of(panel.cols, A.grid().rank(), A.grid().size());
    if (range.size() == 0) return {};
    slab_.resize(static_cast<std::size_t>(rows_ * slab_width(widest_, A.grid().size())));
    return {{slab_.data(), panel.first_in_tensor() + range.begin, range.size()}};
  }
  /// Fills the runs from the matrix.
  void fetch(const Panel& panel) {
    if (!stays(panel))
      exchange_.gather(panel.matrix(), rows_, panel.first_in_matrix(), panel.cols, slab_.data());
  }
  /// Fills the matrix from the runs.
  void deliver(const Panel& panel) {
    if (!stays(panel))
      exchange_.scatter(slab_.data(), panel.matrix(), rows_, panel.first_in_matrix(), panel.cols);
  }

 private:
  /// Whole columns need not go anywhere when they are without gaps, and stand next to each other in
  /// pieces that are worth a call of their own.
  bool stays(const Panel& panel) const {
    const BlockCyclicMatrix& A = panel.matrix();
    return A.grid().layout().has_whole_columns() && A.leading_dimension() == rows_ &&
           8 * rows_ * std::min(A.col_block(), panel.part.cols) >= shortest_run_bytes;
  }

  std::vector<Run> own_columns(const Panel& panel) const {
    BlockCyclicMatrix& A = panel.matrix();
    const Index shift = panel.first_in_tensor() - panel.first_in_matrix();
    const Index end = A.local_cols_below(panel.first_in_matrix() + panel.cols);
    std::vector<Run> runs;
    for (Index j = A.local_cols_below(panel.first_in_matrix()), next; j < end; j = next) {
      next = std::min(end, (j / A.col_block() + 1) * A.col_block());
      runs.push_back({A.column(j), A.global_col(j) + shift, next - j});
    }
    return runs;
  }

  Index rows_, widest_ = 0;
  std::vector<double> slab_;
  SlabExchange exchange_;
};

/// Calls f(first element, place in memory, elements) for pieces that stay in a core's cache between
/// the file and the checksum.
template <class F>
void for_each_piece(const std::vector<Run>& runs, Index rows, F&& f) {
  constexpr Index most = Index{1} << 16;
  for (const Run& run : runs)
    for (Index done = 0; done < rows * run.cols; done += most)
      f(rows * run.first + done, run.data + done, std::min(most, rows * run.cols - done));
}

/// Local steps between collective ones: the first failure is kept, later steps are left out, and
/// all ranks learn of it at the end, which saves an agreement a panel.
class LocalWork {
 public:
  template <class F>
  void try_to(F&& step) {
    if (failure_) return;
    try {
      step();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  void agree(MPI_Comm comm) const {
    collectively(comm, [this] {
      if (failure_) std::rethrow_exception(failure_);
    });
  }

 private:
  std::exception_ptr failure_;
};

/// By the bits: a comparison with a NaN would trap under -fp_trap.
Index first_not_finite(const double* values, Index count) {
  constexpr std::uint64_t exponent = 0x7FF0000000000000ULL;
  for (Index i = 0; i < count; ++i) {
    std::uint64_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    if ((bits & exponent) == exponent) return i;
  }
  return -1;
}

/// The panels that this rank takes part in moving.
std::vector<Panel> panels_here(const Mover& mover, const StateTensor& tensor,
                               const DataSet& data_set, MPI_Comm comm) {
  ADMMNET_REQUIRE((data_set.shape == std::vector<Index>{tensor.cols, tensor.rows}),
                  "checkpoint: " + tensor.path + " is " + std::to_string(tensor.rows) + " x " +
                      std::to_string(tensor.cols) + ", its data set " + shape_text(data_set.shape));
  if (data_set.elements() == 0) return {};
  for (const StateTensor::Part& part : tensor.parts)
    ADMMNET_REQUIRE(
        part.cols == 0 || part.matrix == nullptr || size_of(comm) % part.matrix->grid().size() == 0,
        "checkpoint: the grid of " + tensor.path + " has " +
            std::to_string(part.matrix->grid().size()) + " ranks, the checkpoint " +
            std::to_string(size_of(comm)));
  if (tensor.parts.front().matrix == nullptr) return {};
  return mover.panels_of(tensor);
}

}  // namespace

std::uint64_t write_tensor(const StateTensor& tensor, const DataSet& data_set,
                           const PosixFile& file, MPI_Comm comm) {
  std::uint64_t sum = 0;
  Mover mover(tensor);
  LocalWork work;
  for (const Panel& panel : panels_here(mover, tensor, data_set, comm)) {
    const std::vector<Run> runs = mover.runs(panel);
    mover.fetch(panel);
    for_each_piece(runs, tensor.rows, [&](Index first, const double* data, Index count) {
      sum += checksum(first, data, count);
      work.try_to([&] { file.write(data_set.offset + 8 * first, data, 8 * count); });
    });
    fault_point(FaultPoint::mid_data, comm);
  }
  work.agree(comm);
  return sum;
}

std::uint64_t read_tensor(const StateTensor& tensor, const DataSet& data_set, const PosixFile& file,
                          MPI_Comm comm, Index& not_finite) {
  not_finite = -1;
  std::uint64_t sum = 0;
  Mover mover(tensor);
  LocalWork work;
  for (const Panel& panel : panels_here(mover, tensor, data_set, comm)) {
    for_each_piece(mover.runs(panel), tensor.rows, [&](Index first, double* data, Index count) {
      work.try_to([&] { file.read(data_set.offset + 8 * first, data, 8 * count); });
      sum += checksum(first, data, count);
      const Index found = first_not_finite(data, count);
      if (found >= 0 && not_finite < 0) not_finite = first + found;
    });
    mover.deliver(panel);
  }
  work.agree(comm);
  return sum;
}

std::vector<std::uint64_t> checksums_in_file(const std::vector<DataSet>& data_sets,
                                             const PosixFile& file, MPI_Comm comm) {
  const Index ranks = size_of(comm), turn = (rank_of(comm) + 1) % ranks;
  constexpr Index chunk = Index{1} << 19;
  std::vector<std::uint64_t> shares(data_sets.size(), 0), buffer(chunk);
  collectively(comm, [&] {
    for (std::size_t i = 0; i < data_sets.size(); ++i) {
      const DataSet& data_set = data_sets[i];
      const Index width = slab_width(data_set.words(), static_cast<int>(ranks));
      const Index end = std::min(data_set.words(), (turn + 1) * width);
      for (Index first = turn * width; first < end; first += chunk) {
        const Index count = std::min(chunk, end - first);
        file.read(data_set.offset + 8 * first, buffer.data(), 8 * count);
        shares[i] += checksum(first, buffer.data(), count);
      }
    }
  });
  sum_checksums(shares, comm);
  return shares;
}

void sum_checksums(std::vector<std::uint64_t>& shares, MPI_Comm comm) {
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, shares.data(), static_cast<int>(shares.size()),
                            MPI_UINT64_T, MPI_SUM, comm));
}

}  // namespace admmnet
