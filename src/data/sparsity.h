/// How sparse samples are, as far as the first look at a file tells: what plan and choice of the
/// storage need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "linalg/sparse_samples.h"

namespace admmnet {

/// Of the samples of a file. All 0: the format does not say.
struct Sparsity {
  double samples = 0.0, entries = 0.0;             ///< entries that are not 0
  double sample_pairs = 0.0, feature_pairs = 0.0;  ///< as in SparseCounts

  bool known() const { return samples > 0.0; }
  /// To be expected of so many of these samples, as inputs: with `bias` each has an entry more.
  /// In a share t of the samples a feature with n entries has t n. With c and n the entries of a
  /// sample and of a feature, and w = t samples,
  ///   entries        t sum c + w
  ///   sample_pairs   t sum (c + 1)(c + 2)
  ///   feature_pairs  sum t n (t n + 1) + w (w + 1).
  SparseCounts of_inputs(double count, bool bias) const {
    const double t = known() ? count / samples : 0.0, one = bias ? 1.0 : 0.0;
    return {t * entries + one * count, t * (sample_pairs + one * 2.0 * (entries + samples)),
            t * t * (feature_pairs - entries) + t * entries + one * count * (count + 1.0)};
  }
};

/// The sparsity of samples that come one after the other.
class SparsityCounter {
 public:
  void add(const Index* features, std::size_t count);
  const Sparsity& sparsity() const { return sparsity_; }

 private:
  Sparsity sparsity_;
  std::vector<std::uint32_t> of_feature_;  // entries
};

/// Inputs of a network that are held sparse.
struct SparseInputs {
  Sparsity sparsity;     ///< of the training file
  bool shifted = false;  ///< centred
};

/// Inputs of a network that are components of the features.
struct ComponentSize {
  Index features = 0, inputs = 0;
  Sparsity sparsity;  ///< of the training file, where samples are held sparse until they are inputs
};

}  // namespace admmnet
