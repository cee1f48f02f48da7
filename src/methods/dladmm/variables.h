/// The iterate of dlADMM: weights, and z, a, W~ a~ and u of every training sample.
#pragma once

#include <vector>

#include "methods/dladmm/parameters.h"
#include "methods/method.h"

namespace admmnet {

/// Of one panel of samples; l counts from 1.
struct DladmmPanel {
  std::vector<BlockCyclicMatrix> z;  ///< z_1 ... z_L, n_l x w
  std::vector<BlockCyclicMatrix> a;  ///< a~_1 ... a~_{L-1}, extended n_l x w
  std::vector<BlockCyclicMatrix> m;  ///< m_l = W~_l a~_{l-1}, l = 1 ... L, n_l x w
  BlockCyclicMatrix u;               ///< n_L x w
};

/// Memory: sum_l 3 n_l doubles a sample, without the inputs.
class DladmmVariables {
 public:
  /// All zero. References must outlive it. Collective.
  DladmmVariables(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                  const SampleSet& train, const DladmmParameters& parameters);

  const SampleSet& train() const { return train_; }
  const DladmmParameters& parameters() const { return parameters_; }
  const Topology& topology() const { return network.topology(); }
  int layers() const { return network.layers(); }
  std::size_t panels() const { return panels_.size(); }

  BlockCyclicMatrix& z(std::size_t p, int l) { return panels_[p].z[index(l)]; }
  BlockCyclicMatrix& a(std::size_t p, int l) { return panels_[p].a[index(l)]; }
  BlockCyclicMatrix& m(std::size_t p, int l) { return panels_[p].m[index(l)]; }
  BlockCyclicMatrix& u(std::size_t p) { return panels_[p].u; }
  /// a~_{l-1}: of layer 1 the inputs.
  SampleOperand inputs(std::size_t p, int l) const {
    if (l == 1) return train_.panels[p].a();
    return panels_[p].a[index(l - 1)];
  }

  /// t_l = z_l, t_L = z_L + u/rho: what W~_l a~_{l-1} should be (README.md §2), n_l x w. That of
  /// layer L lives until the next call. Not collective.
  const BlockCyclicMatrix& target(std::size_t p, int l);
  /// r_l = W~_l a~_{l-1} - t_l. Not collective.
  void load_residual(std::size_t p, int l, BlockCyclicMatrix& r);
  /// Workspace for one panel, rows x widest panel. Collective.
  BlockCyclicMatrix workspace(Index rows) const {
    return network.make_sample_like(rows, train_.widest);
  }

  /// z, a, m and u: what the next pass starts from besides, with published steps, the weights.
  void append_samples(StateView& view);

  Network network;

 private:
  static std::size_t index(int l) { return static_cast<std::size_t>(l - 1); }

  const SampleSet& train_;
  const DladmmParameters& parameters_;
  std::vector<DladmmPanel> panels_;
  BlockCyclicMatrix output_target_;  // workspace
};

}  // namespace admmnet
