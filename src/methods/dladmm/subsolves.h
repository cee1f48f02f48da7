/// What the two variants of dlADMM do in different ways: the steps of weights and activations.
#pragma once

#include "methods/dladmm/variables.h"
#include "methods/notes.h"

namespace admmnet {

enum class DladmmHalf { backward, forward };

/// Steps on the variables of all panels, collective.
class DladmmSubsolves {
 public:
  virtual ~DladmmSubsolves() = default;

  /// W_l and b_l of iteration k. After the forward half, and wherever the variant needs them, the
  /// products m_l are those of the new weights.
  virtual void weights(int l, Index k, DladmmHalf half, Notes& notes) = 0;

  /// Before the activations of layer l: takes W_{l+1} as it is.
  virtual void use_weights_above(int l, Notes& notes) = 0;
  /// a_l of panel p, l < L, from z_l, z_{l+1} and W~_{l+1}.
  virtual void activations(std::size_t p, int l) = 0;

  /// Whether the next pass depends on weights, too, not on z, a, m and u alone.
  virtual bool starts_from_weights() const = 0;
};

}  // namespace admmnet
