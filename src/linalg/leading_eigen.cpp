#include "linalg/leading_eigen.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>

#include <slepceps.h>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"
#include "runtime/petsc_check.h"
#include "runtime/random.h"

namespace admmnet {
namespace {

constexpr double kTolerance = 1e-11;
/// Below this share of the largest eigenvalue a residual counts as one of this size: what rounding
/// leaves of smaller ones must not keep the iteration going.
constexpr double kFloor = 0.01;

/// y := G x for SLEPc, whose vectors hold what a rank has of a 1 x n layer matrix.
class Operator {
 public:
  explicit Operator(SampleGram& G) : G_(G), x_(row_like(G)), y_(row_like(G)) {}

  const BlockCyclicMatrix& row() const { return x_; }
  PetscInt local_size() const { return static_cast<PetscInt>(x_.local_rows() * x_.local_cols()); }
  /// What a multiplication threw on this rank, if it did.
  std::exception_ptr failure() const { return failure_; }
  /// The largest eigenvalue so far.
  double largest = 0.0;

  static PetscErrorCode multiply(Mat A, Vec x, Vec y) {
    void* context = nullptr;
    if (const PetscErrorCode code = MatShellGetContext(A, &context)) return code;
    return static_cast<Operator*>(context)->apply(x, y);
  }

  static PetscErrorCode residual(EPS, PetscScalar value, PetscScalar, PetscReal norm,
                                 PetscReal* relative, void* context) {
    double& most = static_cast<Operator*>(context)->largest;
    most = std::max(most, std::abs(value));
    *relative = norm / std::max(std::abs(value), kFloor * most);
    return 0;
  }

 private:
  static BlockCyclicMatrix row_like(const SampleGram& G) {
    constexpr Index kBlock = 64;
    return {G.grid(), 1, G.order(), kBlock, kBlock};
  }

  /// No exception may pass through SLEPc.
  PetscErrorCode apply(Vec x, Vec y) {
    try {
      const PetscScalar* from = nullptr;
      ADMMNET_PETSC(VecGetArrayRead(x, &from));
      copy(from, x_);
      ADMMNET_PETSC(VecRestoreArrayRead(x, &from));
      G_.multiply(x_, y_);
      PetscScalar* to = nullptr;
      ADMMNET_PETSC(VecGetArrayWrite(y, &to));
      for (Index j = 0; j < y_.local_cols() && y_.local_rows() > 0; ++j) to[j] = y_.at(0, j);
      ADMMNET_PETSC(VecRestoreArrayWrite(y, &to));
      beat("directions of sparse samples");
      return 0;
    } catch (...) {
      failure_ = std::current_exception();
      return PETSC_ERR_LIB;
    }
  }

  static void copy(const PetscScalar* from, BlockCyclicMatrix& row) {
    for (Index j = 0; j < row.local_cols() && row.local_rows() > 0; ++j) row.at(0, j) = from[j];
  }

  SampleGram& G_;
  BlockCyclicMatrix x_, y_;
  std::exception_ptr failure_;
};

/// SLEPc's solver with all that it needs, owned.
class Solver {
 public:
  Solver(Operator& G, Index order, Index count, MPI_Comm comm) {
    const PetscInt local = G.local_size();
    ADMMNET_PETSC(MatCreateShell(comm, local, local, static_cast<PetscInt>(order),
                                 static_cast<PetscInt>(order), &G, &matrix_));
    ADMMNET_PETSC(MatShellSetOperation(matrix_, MATOP_MULT,
                                       reinterpret_cast<void (*)()>(&Operator::multiply)));
    ADMMNET_PETSC(MatCreateVecs(matrix_, &vector_, nullptr));
    ADMMNET_PETSC(EPSCreate(comm, &eps_));
    ADMMNET_PETSC(EPSSetOperators(eps_, matrix_, nullptr));
    ADMMNET_PETSC(EPSSetProblemType(eps_, EPS_HEP));
    ADMMNET_PETSC(EPSSetType(eps_, EPSKRYLOVSCHUR));
    ADMMNET_PETSC(EPSSetWhichEigenpairs(eps_, EPS_LARGEST_REAL));
    ADMMNET_PETSC(
        EPSSetDimensions(eps_, static_cast<PetscInt>(count), PETSC_DEFAULT, PETSC_DEFAULT));
    ADMMNET_PETSC(EPSSetTolerances(eps_, kTolerance, PETSC_DEFAULT));
    ADMMNET_PETSC(EPSSetConvergenceTestFunction(eps_, &Operator::residual, &G, nullptr));
  }
  ~Solver() {
    EPSDestroy(&eps_);
    VecDestroy(&vector_);
    MatDestroy(&matrix_);
  }
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  EPS eps() const { return eps_; }
  Vec vector() const { return vector_; }

 private:
  Mat matrix_ = nullptr;
  Vec vector_ = nullptr;
  EPS eps_ = nullptr;
};

void set_start(const Solver& solver, const Operator& G, Index seed) {
  const CounterRandom random(seed, Stream::basis);
  PetscScalar* values = nullptr;
  ADMMNET_PETSC(VecGetArrayWrite(solver.vector(), &values));
  for (PetscInt j = 0; j < G.local_size(); ++j) values[j] = random.normal(G.row().global_col(j), 0);
  ADMMNET_PETSC(VecRestoreArrayWrite(solver.vector(), &values));
  Vec start = solver.vector();
  ADMMNET_PETSC(EPSSetInitialSpace(solver.eps(), 1, &start));
}

/// The same sign on any grid: of the first entry among those that are largest to six digits.
void fix_sign(double* u, Index n) {
  constexpr double kAsLarge = 1.0 - 1e-6;
  double largest = 0.0;
  for (Index i = 0; i < n; ++i) largest = std::max(largest, std::abs(u[i]));
  const double* first =
      std::find_if(u, u + n, [&](double x) { return std::abs(x) >= kAsLarge * largest; });
  if (*first < 0.0) std::transform(u, u + n, u, [](double x) { return -x; });
}

/// What the ranks have of a vector, whole on each of them. Collective.
void gather(Vec vector, const Operator& G, double* u) {
  const BlockCyclicMatrix& row = G.row();
  std::fill_n(u, row.cols(), 0.0);
  const PetscScalar* values = nullptr;
  ADMMNET_PETSC(VecGetArrayRead(vector, &values));
  for (PetscInt j = 0; j < G.local_size(); ++j) u[row.global_col(j)] = values[j];
  ADMMNET_PETSC(VecRestoreArrayRead(vector, &values));
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, u, static_cast<int>(row.cols()), MPI_DOUBLE, MPI_SUM,
                            row.grid().comm()));
}

}  // namespace

LeadingEigen leading_eigen(SampleGram& G, Index count, Index seed) {
  const Index n = G.order();
  ADMMNET_REQUIRE(1 <= count && count <= n, "leading_eigen: " + std::to_string(count) + " of " +
                                                std::to_string(n) + " eigenvalues");
  Operator product(G);
  const Solver solver(product, n, count, G.grid().comm());
  set_start(solver, product, seed);
  const PetscErrorCode code = EPSSolve(solver.eps());
  if (product.failure()) std::rethrow_exception(product.failure());
  ADMMNET_PETSC(code);
  PetscInt found = 0;
  ADMMNET_PETSC(EPSGetConverged(solver.eps(), &found));
  if (found < count)
    throw NumericalBreakdown("of a Gram matrix of order " + std::to_string(n) + " " +
                             std::to_string(found) + " eigenvalues were found in the place of " +
                             std::to_string(count) + " (EPSSolve)");
  LeadingEigen result;
  result.vectors.resize(static_cast<std::size_t>(n * count));
  for (Index i = 0; i < count; ++i) {
    PetscScalar value = 0.0;
    ADMMNET_PETSC(EPSGetEigenpair(solver.eps(), static_cast<PetscInt>(i), &value, nullptr,
                                  solver.vector(), nullptr));
    result.values.push_back(std::max(0.0, value));
    double* u = result.vectors.data() + i * n;
    gather(solver.vector(), product, u);
    fix_sign(u, n);
  }
  return result;
}

}  // namespace admmnet
