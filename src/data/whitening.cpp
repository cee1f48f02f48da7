#include "data/whitening.h"

#include <cmath>

#include "data/spectrum.h"
#include "data/staging.h"
#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

std::vector<double> whitening_rotation(const Preprocessing& shift_and_scale, const StagedSet& train,
                                       MPI_Comm comm) {
  const FullPrecision in_double;
  const ProcessGrid grid(comm, 1, size_of(comm));
  SymmetricEigen spectrum = spectrum_of(shift_and_scale, train, grid);
  BlockCyclicMatrix& U = spectrum.vectors;
  const auto samples = static_cast<double>(train.columns().samples());
  for (Index j = 0; j < U.local_cols(); ++j) {  // U (L + e I)^(-1/4), then times its transpose
    const double lambda = spectrum.values[static_cast<std::size_t>(U.global_col(j))] / samples;
    const double factor = std::pow(lambda + kWhiteningRidge, -0.25);
    for (Index i = 0; i < U.local_rows(); ++i) U.at(i, j) *= factor;
  }
  BlockCyclicMatrix root(grid, U.rows(), U.rows(), U.row_block(), U.col_block());
  accumulate_gram(1.0, U, 0.0, root);
  std::vector<double> R = gather(root);
  const auto n = static_cast<std::size_t>(U.rows());
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < j; ++i) R[i + j * n] = R[j + i * n];
  return R;
}

}  // namespace admmnet
