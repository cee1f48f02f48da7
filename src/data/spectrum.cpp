#include "data/spectrum.h"

#include <algorithm>
#include <string>

#include "data/staging.h"
#include "linalg/outer_sum.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"

namespace admmnet {

static constexpr Index kBlock = 64;

SymmetricEigen spectrum_of(const Preprocessing& shift_and_scale, const StagedSet& train,
                           const ProcessGrid& grid) {
  const FullPrecision in_double;
  const PanelColumns& columns = train.columns();
  const Index n = train.features();
  BlockCyclicMatrix G(grid, n, n, kBlock, kBlock);
  OuterSum sum(Triangle::lower);
  sum.begin(G);
  for (Index p = 0; p < columns.panels(); ++p) {
    BlockCyclicMatrix X(grid, n, columns.count(p), kBlock, slab_width(columns.widest, grid.size()));
    ADMMNET_REQUIRE(X.local_cols() == train.local_count(p), "spectrum_of: the layouts differ");
    apply_preprocessing(shift_and_scale, train, p, X.data(), X.leading_dimension());
    sum.add_gram(1.0, X);
    beat("Gram matrix of the features");
  }
  sum.finish();
  SymmetricEigen eigen = symmetric_eigen(G);
  for (double& value : eigen.values) value = std::max(0.0, value);
  return eigen;
}

void check_rotated(const char* what, Index features, const char* remedy) {
  if (features > kRotatedFeatures)
    throw BadInput(std::string(what) + ": " + std::to_string(features) +
                   " features are more than the " + std::to_string(kRotatedFeatures) +
                   " whose directions each rank can hold; " + remedy);
}

}  // namespace admmnet
