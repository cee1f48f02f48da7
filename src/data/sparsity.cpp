#include "data/sparsity.h"

namespace admmnet {

void SparsityCounter::add(const Index* features, std::size_t count) {
  constexpr Index kMost = Index{1} << 27;  // more features than can be read
  const auto c = static_cast<double>(count);
  sparsity_.samples += 1.0;
  sparsity_.entries += c;
  sparsity_.sample_pairs += c * (c + 1.0);
  for (std::size_t k = 0; k < count; ++k) {
    if (features[k] >= kMost) continue;
    const auto f = static_cast<std::size_t>(features[k]);
    if (f >= of_feature_.size()) of_feature_.resize(f + 1 + f / 2, 0);
    sparsity_.feature_pairs += 2.0 * ++of_feature_[f];  // n (n + 1) = sum of 2 i, i <= n
  }
}

}  // namespace admmnet
