#include "checkpoint/tensor_io.h"

#include <algorithm>
#include <exception>

#include "checkpoint/element_hash.h"
#include "checkpoint/faults.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// Columns first, ..., first + cols - 1 of one part of a tensor.
struct Panel {
  const StateTensor::Part& part;
  Index first, cols;
};

/// Panels of `tensor` in order, none wider than `widest` columns.
template <class F>
void for_each_panel(const StateTensor& tensor, Index widest, F&& f) {
  for (const StateTensor::Part& part : tensor.parts)
    for (Index first = 0; first < part.cols; first += widest)
      f(Panel{part, first, std::min(widest, part.cols - first)});
}

/// A matrix in the sample layout that holds one panel at a time. data() are this rank's columns as
/// they stand in the file, without gaps; the matrix itself may have some between its columns.
class Slab {
 public:
  explicit Slab(const StateTensor& tensor) : rows_(tensor.rows) {
    const auto longest = std::max_element(
        tensor.parts.begin(), tensor.parts.end(),
        [](const StateTensor::Part& a, const StateTensor::Part& b) { return a.cols < b.cols; });
    const ProcessGrid grid = longest->matrix->grid().sample_grid();
    const Index a_rank = std::max<Index>(1, staging_bytes / (8 * rows_));
    widest_ = std::min(longest->cols, a_rank * grid.size());
    matrix_ = BlockCyclicMatrix(grid, rows_, widest_, rows_, slab_width(widest_, grid.size()));
  }

  Index widest() const { return widest_; }
  double* data() { return matrix_.data(); }
  Index elements() const { return rows_ * matrix_.local_cols(); }
  /// Position of this rank's first element in the tensor, in the order of the file.
  Index first_element(const Panel& panel) const {
    if (elements() == 0) return 0;
    return rows_ * (panel.part.position + panel.first + matrix_.global_col(0));
  }
  void fetch(const Panel& panel) {
    matrix_.set_cols(panel.cols);
    const Corner from{0, panel.part.first_col + panel.first};
    redistribute(rows_, panel.cols, *panel.part.matrix, from, matrix_, {});
    if (matrix_.leading_dimension() == rows_) return;
    for (Index j = 0; j < matrix_.local_cols(); ++j)
      std::copy_n(matrix_.column(j), rows_, data() + j * rows_);
  }
  void deliver(const Panel& panel) {
    if (matrix_.leading_dimension() != rows_)
      for (Index j = matrix_.local_cols() - 1; j > 0; --j)
        std::copy_backward(data() + j * rows_, data() + (j + 1) * rows_, matrix_.column(j) + rows_);
    const Corner to{0, panel.part.first_col + panel.first};
    redistribute(rows_, panel.cols, matrix_, {}, *panel.part.matrix, to);
  }
  void set_cols(Index cols) { matrix_.set_cols(cols); }

 private:
  Index rows_, widest_ = 0;
  BlockCyclicMatrix matrix_;
};

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

/// False when there is nothing to move.
bool check_operands(const StateTensor& tensor, const DataSet& data_set, MPI_Comm comm) {
  require(data_set.shape == std::vector<Index>{tensor.cols, tensor.rows},
          "checkpoint: " + tensor.path + " is " + std::to_string(tensor.rows) + " x " +
              std::to_string(tensor.cols) + ", its data set " + shape_text(data_set.shape));
  if (data_set.elements() == 0) return false;
  for (const StateTensor::Part& part : tensor.parts)
    require(part.cols == 0 || part.matrix->grid().size() == size_of(comm),
            "checkpoint: the grid of " + tensor.path + " has " +
                std::to_string(part.matrix->grid().size()) + " ranks, the checkpoint " +
                std::to_string(size_of(comm)));
  return true;
}

}  // namespace

std::uint64_t write_tensor(const StateTensor& tensor, const DataSet& data_set,
                           const PosixFile& file, MPI_Comm comm) {
  if (!check_operands(tensor, data_set, comm)) return 0;
  std::uint64_t sum = 0;
  Slab slab(tensor);
  LocalWork work;
  for_each_panel(tensor, slab.widest(), [&](const Panel& panel) {
    slab.fetch(panel);
    const Index first = slab.first_element(panel), count = slab.elements();
    sum += checksum(first, slab.data(), count);
    work.try_to([&] { file.write(data_set.offset + 8 * first, slab.data(), 8 * count); });
    fault_point(FaultPoint::mid_data, comm);
  });
  work.agree(comm);
  return sum;
}

std::uint64_t read_tensor(const StateTensor& tensor, const DataSet& data_set, const PosixFile& file,
                          MPI_Comm comm) {
  if (!check_operands(tensor, data_set, comm)) return 0;
  std::uint64_t sum = 0;
  Slab slab(tensor);
  LocalWork work;
  for_each_panel(tensor, slab.widest(), [&](const Panel& panel) {
    slab.set_cols(panel.cols);
    const Index first = slab.first_element(panel), count = slab.elements();
    work.try_to([&] { file.read(data_set.offset + 8 * first, slab.data(), 8 * count); });
    sum += checksum(first, slab.data(), count);
    slab.deliver(panel);
  });
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
      const Index width = slab_width(data_set.elements(), static_cast<int>(ranks));
      const Index end = std::min(data_set.elements(), (turn + 1) * width);
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
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, shares.data(), static_cast<int>(shares.size()),
                          MPI_UINT64_T, MPI_SUM, comm),
            "MPI_Allreduce");
}

}  // namespace admmnet
