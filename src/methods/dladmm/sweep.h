/// The sweep of dlADMM (Wang, Yu, Chen and Zhao, KDD 2019; README.md §2). One iteration is
///   backward: z_L, W_L;  for l = L-1 ... 1: a_l, z_l, W_l
///   forward:  for l = 1 ... L-1: W_l, m_l = W~_l a~_{l-1}, z_l, a_l;  then W_L, m_L, z_L
///   u := u + rho (z_L - m_L)
/// where every step takes the newest values of all the others (W_l with b_l; subsolves.h).
#pragma once

#include <memory>

#include "methods/dladmm/subsolves.h"
#include "network/forward.h"
#include "runtime/timers.h"

namespace admmnet {

class DladmmSweep : public TrainingMethod {
 public:
  /// References must outlive the sweep. Memory: DladmmVariables, twice the weights, and a panel's
  /// workspace. Collective.
  DladmmSweep(const Topology& topology, const MethodPlace& place,
              const DladmmParameters& parameters);

  /// Hidden units normalised over the samples, z and a by a forward pass, W_L fitted to the coded
  /// targets with the first ridge, z_L these targets, u = 0 (README.md §5.1). `trained` weights are
  /// taken as they are.
  void start(const Network& initial, bool trained) override;
  void resume() override {}
  /// A step is a layer in one half of the sweep. Objective and Lagrangian are per sample, without
  /// the ridge of exact sub-solves (README.md §6); metrics are those of the weights after the
  /// iteration.
  StepReport step(Index k) override;
  const Network& network() const override { return v_.network; }
  StateView state() override;
  /// z, a, m and u. None with published steps, which start from the weights as well.
  StateView map_state() override;

  /// z_L and u of a panel, for tests of -u in dR(z_L).
  const BlockCyclicMatrix& z_output(std::size_t p) { return v_.z(p, v_.layers()); }
  const BlockCyclicMatrix& multiplier(std::size_t p) { return v_.u(p); }

 private:
  /// Sums over the samples of this rank (README.md §6).
  struct Sums {
    double loss = 0.0;        // R(z_L)
    double hidden = 0.0;      // sum_l |z_l - m_l|^2 + |a_l - h(z_l)|^2
    double residual = 0.0;    // |z_L - m_L|^2
    double multiplied = 0.0;  // <u, z_L - m_L>
    double output = 0.0;      // |z_L|^2
    double multiplier = 0.0;  // |u|^2
    double change = 0.0;      // |z_L - z_L before the last step|^2
  };
  void fit_output();
  void backward(int l, Index k, Notes& notes);
  void forward(int l, Index k, Notes& notes);
  void hidden_z(std::size_t p, int l);
  void output_z(std::size_t p);
  void move_multiplier(std::size_t p);
  Sums sums_over_ranks();
  void add_hidden_sums(std::size_t p, int l, Sums& sums);
  double regulariser() const;
  IterationReport end_of_pass(Index k);
  std::string yardstick() const;

  Timers& timers_;
  int activation_phase_, weight_phase_, hidden_phase_, output_phase_, sums_phase_, forward_phase_;
  DladmmParameters parameters_;
  DladmmVariables v_;
  std::unique_ptr<DladmmSubsolves> subsolves_;
  OutputColumns output_;
  BlockCyclicMatrix before_;     // workspace: z_L of a panel
  Network start_;                // the weights at the start
  const SampleSet* validation_;  // null: none
  double start_score_ = 0.0;     // on the training samples
  double start_validation_score_ = 0.0;
  double change_ = 0.0;  // of this rank: Sums::change
  Index steps_done_ = 0;
  Notes start_notes_;
};

}  // namespace admmnet
