#include "linalg/process_grid.h"

#include <algorithm>
#include <optional>
#include <string>

#include <petscmat.h>

#include "linalg/layout.h"
#include "linalg/mat_access.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"
#include "runtime/petsc_check.h"
#include "runtime/types.h"

namespace admmnet {

/// PETSc keeps one BLACS grid a communicator and frees it with the last matrix on it, so the grid
/// holds a communicator of its own and a small matrix that keeps the context alive.
struct ProcessGrid::State {
  Communicator comm, row;
  Mat anchor = nullptr;
  int context = -1, my_row = -1, my_col = -1, rank = -1;
  std::optional<ProcessGrid> sample;

  ~State() {
    sample.reset();
    PetscBool finalized = PETSC_FALSE;
    PetscFinalized(&finalized);
    if (anchor && !finalized) MatDestroy(&anchor);
  }
};

ProcessGrid::ProcessGrid(MPI_Comm parent, int rows, int cols)
    : rows_(rows), cols_(cols), state_(std::make_shared<State>()) {
  const int ranks = size_of(parent);
  if (rows < 1 || cols < 1 || static_cast<Index>(rows) * cols > ranks)
    throw BadInput("a process grid of " + std::to_string(rows) + " x " + std::to_string(cols) +
                   " does not fit " + std::to_string(ranks) +
                   " ranks: give -grid_rows a value between 1 and the number of ranks");
  State& state = *state_;
  state.comm = Communicator::part(parent, rank_of(parent) < rows * cols);
  if (state.comm.empty()) return;
  state.rank = state.comm.rank();

  const char* height = "-mat_scalapack_grid_height";
  check_petsc(PetscOptionsSetValue(nullptr, height, std::to_string(rows).c_str()),
              "PetscOptionsSetValue");
  check_petsc(MatCreateScaLAPACK(state.comm.get(), 1, 1, size(), size(), 0, 0, &state.anchor),
              "MatCreateScaLAPACK");
  check_petsc(PetscOptionsClearValue(nullptr, height), "PetscOptionsClearValue");
  state.context = storage_of(state.anchor).context;
  int grid_rows = 0, grid_cols = 0;
  Cblacs_gridinfo(state.context, &grid_rows, &grid_cols, &state.my_row, &state.my_col);
  ADMMNET_REQUIRE(grid_rows == rows && grid_cols == cols, "PETSc made another grid than asked for");
  if (rows > 1) {
    state.sample = ProcessGrid(state.comm.get(), 1, size());
    state.sample->sample_grid_ = true;
  }
}

ProcessGrid::ProcessGrid(Ledger& ledger) : rows_(1), cols_(1), ledger_(&ledger) {}

ProcessGrid ProcessGrid::part(int i, int parts) const {
  ADMMNET_REQUIRE(0 <= i && i < parts && (ledger_ != nullptr || cols_ % parts == 0),
                  "ProcessGrid: part " + std::to_string(i) + " of " + std::to_string(parts) +
                      " of " + std::to_string(cols_) + " process columns");
  ProcessGrid result;
  if (ledger_ != nullptr) {
    result = *this;
    result.part_ = i + 1;
    return result;
  }
  const int cols = cols_ / parts;
  const Communicator comm = Communicator::part(this->comm(), my_col() / cols == i);
  if (!comm.empty()) return ProcessGrid(comm.get(), rows_, cols);
  result.rows_ = rows_;
  result.cols_ = cols;
  result.state_ = std::make_shared<State>();
  return result;
}

bool ProcessGrid::contains_this_rank() const {
  return state_ == nullptr || !state_->comm.empty();
}
MPI_Comm ProcessGrid::comm() const {
  return state_ == nullptr ? MPI_COMM_NULL : state_->comm.get();
}
MPI_Comm ProcessGrid::row_comm() const {
  if (state_ == nullptr || rows_ == 1) return comm();
  if (state_->row.empty()) state_->row = Communicator::split(comm(), my_row());
  return state_->row.get();
}
int ProcessGrid::rank() const {
  return state_ == nullptr ? 0 : state_->rank;
}
int ProcessGrid::my_row() const {
  return state_ == nullptr ? 0 : state_->my_row;
}
int ProcessGrid::my_col() const {
  return state_ == nullptr ? 0 : state_->my_col;
}
int ProcessGrid::context() const {
  return state_ == nullptr ? -1 : state_->context;
}

ProcessGrid ProcessGrid::sample_grid() const {
  if (state_ != nullptr && state_->sample) return *state_->sample;
  ProcessGrid grid = *this;
  grid.sample_grid_ = true;
  return grid;
}

const Layout& ProcessGrid::layout() const {
  return layout_of({rows_, cols_});
}

bool ProcessGrid::account(Operation operation) const {
  if (ledger_ != nullptr) {
    operation.part = part_;
    ledger_->add(operation);
    return false;
  }
  PetscLogFlops(flops(operation) / size());
  return true;
}

void ProcessGrid::hold(const Array& array, Ledger::Holding& holding) const {
  Array of_part = array;
  of_part.part = part_;
  holding.hold(ledger_, of_part);
}

void ProcessGrid::sum(double* values, Index count) const {
  if (account({Verb::sum, 0, 0, count}))
    ADMMNET_MPI(
        MPI_Allreduce(MPI_IN_PLACE, values, static_cast<int>(count), MPI_DOUBLE, MPI_SUM, comm()));
  else
    std::fill_n(values, count, 1.0);
}

void ProcessGrid::sum(const std::vector<double*>& values) const {
  std::vector<double> together;
  for (const double* value : values) together.push_back(*value);
  sum(together.data(), static_cast<Index>(together.size()));
  for (std::size_t i = 0; i < values.size(); ++i) *values[i] = together[i];
}

}  // namespace admmnet
