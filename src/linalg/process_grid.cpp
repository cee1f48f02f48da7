#include "linalg/process_grid.h"

#include <optional>
#include <string>

#include <petscmat.h>

#include "linalg/mat_access.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"
#include "runtime/petsc_check.h"
#include "runtime/types.h"

namespace admmnet {

/// PETSc keeps one BLACS grid a communicator and frees it with the last matrix on it, so the grid
/// holds a communicator of its own and a small matrix that keeps the context alive.
struct ProcessGrid::State {
  Communicator comm;
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
  if (rows > 1) state.sample = ProcessGrid(state.comm.get(), 1, size());
}

bool ProcessGrid::contains_this_rank() const {
  return !state_->comm.empty();
}
MPI_Comm ProcessGrid::comm() const {
  return state_->comm.get();
}
int ProcessGrid::rank() const {
  return state_->rank;
}
int ProcessGrid::my_row() const {
  return state_->my_row;
}
int ProcessGrid::my_col() const {
  return state_->my_col;
}
int ProcessGrid::context() const {
  return state_->context;
}
ProcessGrid ProcessGrid::sample_grid() const {
  return rows_ == 1 ? *this : *state_->sample;
}

}  // namespace admmnet
