#include "data/whitening.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "data/staging.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

extern "C" {
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
            const double*, const int*, const double*, const int*, const double*, double*,
            const int*);
void dsyrk_(const char*, const char*, const int*, const int*, const double*, const double*,
            const int*, const double*, double*, const int*);
void dsyevd_(const char*, const char*, const int*, double*, const int*, double*, double*,
             const int*, int*, const int*, int*);
}

namespace admmnet {

namespace {

/// Columns multiplied at a time: enough for dgemm's speed, and they stay in cache.
constexpr Index kColumns = 256;

/// Eigenvalues (ascending) of the symmetric matrix whose upper triangle is in `a`; its eigenvectors
/// replace it.
std::vector<double> eigen_decompose(std::vector<double>& a, int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  double work_size = 0.0;
  int integers_size = 0, status = 0;
  const int ask = -1;
  dsyevd_("V", "U", &n, a.data(), &n, values.data(), &work_size, &ask, &integers_size, &ask,
          &status);
  const int doubles = static_cast<int>(work_size);
  std::vector<double> work(static_cast<std::size_t>(doubles));
  std::vector<int> integers(static_cast<std::size_t>(integers_size));
  dsyevd_("V", "U", &n, a.data(), &n, values.data(), work.data(), &doubles, integers.data(),
          &integers_size, &status);
  if (status != 0)
    throw NumericalBreakdown(
        "-data_scaling whiten: the eigenvalues of the covariance were not found (dsyevd: " +
        std::to_string(status) + "); use -data_scaling standard");
  return values;
}

/// Upper triangle of the covariance, n x n, the same on every rank up to what MPI's sum gives.
std::vector<double> covariance(const Preprocessing& shift_and_scale, const StagedSet& train,
                               MPI_Comm comm) {
  const int n = static_cast<int>(train.features());
  const auto size = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  std::vector<double> sum(size, 0.0), columns;
  const double factor = 1.0 / static_cast<double>(train.columns().samples()), one = 1.0;
  for (Index p = 0; p < train.columns().panels(); ++p) {
    const int count = static_cast<int>(train.local_count(p));
    columns.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(n));
    apply_preprocessing(shift_and_scale, train, p, columns.data(), n);
    dsyrk_("U", "N", &n, &count, &factor, columns.data(), &n, &one, sum.data(), &n);
  }
  ADMMNET_MPI(
      MPI_Allreduce(MPI_IN_PLACE, sum.data(), static_cast<int>(size), MPI_DOUBLE, MPI_SUM, comm));
  return sum;
}

/// U (L + e I)^(-1/2) U' from the upper triangle of U L U'.
std::vector<double> inverse_root(std::vector<double> matrix, int n) {
  const std::vector<double> eigenvalues = eigen_decompose(matrix, n);
  for (int j = 0; j < n; ++j) {  // U (L + e I)^(-1/4), then times its transpose
    const double lambda = std::max(0.0, eigenvalues[static_cast<std::size_t>(j)]);
    const double factor = std::pow(lambda + kWhiteningRidge, -0.25);
    double* column = matrix.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(n);
    std::for_each(column, column + n, [factor](double& x) { x *= factor; });
  }
  std::vector<double> root(matrix.size());
  const double one = 1.0, zero = 0.0;
  dgemm_("N", "T", &n, &n, &n, &one, matrix.data(), &n, matrix.data(), &n, &zero, root.data(), &n);
  return root;
}

}  // namespace

std::vector<double> whitening_rotation(const Preprocessing& shift_and_scale, const StagedSet& train,
                                       MPI_Comm comm) {
  const int n = static_cast<int>(train.features());
  std::vector<double> rotation = covariance(shift_and_scale, train, comm);
  collectively(comm, [&] {
    if (rank_of(comm) == 0) rotation = inverse_root(std::move(rotation), n);
  });
  ADMMNET_MPI(MPI_Bcast(rotation.data(), n * n, MPI_DOUBLE, 0, comm));
  return rotation;
}

void rotate_columns(const std::vector<double>& rotation, Index n, Index count, double* columns,
                    Index leading_dimension) {
  std::vector<double> rotated(static_cast<std::size_t>(n * std::min(count, kColumns)));
  const int rows = static_cast<int>(n), stride = static_cast<int>(leading_dimension);
  const double one = 1.0, zero = 0.0;
  for (Index first = 0; first < count; first += kColumns) {
    const int width = static_cast<int>(std::min(kColumns, count - first));
    double* block = columns + first * leading_dimension;
    dgemm_("N", "N", &rows, &width, &rows, &one, rotation.data(), &rows, block, &stride, &zero,
           rotated.data(), &rows);
    for (Index j = 0; j < width; ++j)
      std::copy_n(rotated.data() + j * n, n, block + j * leading_dimension);
  }
}

}  // namespace admmnet
