/// The weight step of one layer in residual form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "linalg/gram_system.h"
#include "linalg/sample_gram.h"
#include "linalg/solver_choice.h"
#include "methods/notes.h"
#include "network/network.h"

namespace admmnet {

/// eta with its factors, mu and tau (0: no clip).
struct StepLength {
  double factor, momentum, clip;
};

/// R := R - factor W I', I' the identity with 0 for the last `biases` columns. Not collective.
void subtract_units(double factor, const BlockCyclicMatrix& W, Index biases, BlockCyclicMatrix& R);
/// limit/r where r = sqrt(change/size) is above the limit, else 1.
double clip_factor(double limit, double change, double size);
/// Delta := clip_factor Delta. Not collective.
void clip_to(double limit, double change, double size, BlockCyclicMatrix& Delta);
/// V := momentum V + factor Delta,  W := W + V. Whether W is finite, as far as this rank has it.
/// Not collective.
bool advance(const StepLength& length, const BlockCyclicMatrix& Delta, BlockCyclicMatrix& V,
             BlockCyclicMatrix& W);
/// V := V - shrink W I',  W := W + V; the rest as above.
bool shrink_and_advance(double shrink, Index biases, BlockCyclicMatrix& V, BlockCyclicMatrix& W);

/// For one layer, with mbar = tr(G)/n (of layer 1: of all features, see take_inputs) and I' the
/// identity with 0 at the bias:
///
///   Delta = (R - rho mbar W I') (G + rho mbar I' + p mbar I)^-1,
///   if tau > 0 and r = sqrt(tr(Delta G Delta^T) / tr(W G W^T)) > tau: Delta := Delta tau / r,
///   V := mu V + step Delta,   W := W + V.
///
/// R = sum D a~^T with D = z* - W a~ the wished change of z. Without clip, momentum and with step 1
/// this is the exact minimiser of |W a~ - z*|^2 + rho mbar |W I'|^2 + p mbar |W - W_old|^2
/// (README.md §5.3).
class WeightSystem {
 public:
  /// Layer l of the network; G, R, V zero. `solver`: cholesky, cg or svd. `inputs`: of layer 1, the
  /// training samples, see take_inputs; with cg and sparse samples G is not formed
  /// (linalg/sample_gram.h). `condition`: of G and its shift, see
  /// linalg/diagonal_shift.h. Collective.
  WeightSystem(const Network& network, int l, const SolverChoice& solver,
               const SampleSet* inputs = nullptr, Condition condition = Condition::any);

  /// mbar is that of the features, though the inputs may be fewer components of them,
  /// so that a penalty means the same with and without:
  ///   mbar = (tr(G) + left_out) / (features + 1), without biases (tr(G) + left_out) / features
  void take_inputs(const SampleSet& train);
  /// Whether G is not formed.
  bool knows_samples() const { return samples_.has_value(); }

  BlockCyclicMatrix& G() { return G_; }  ///< lower triangle; call gram_changed() after writing
  BlockCyclicMatrix& R() { return R_; }  ///< consumed by step()
  BlockCyclicMatrix& V() { return V_; }

  void gram_changed() { factored_ = false; }

  struct Step {
    double ridge, proximal;
    StepLength length;
  };
  /// Factors G if it or the shifts changed since the last time. cg starts from V, which points
  /// where the last steps did, and which a checkpoint holds. Whether W is finite, as far as this
  /// rank has it. Collective.
  bool step(const Step& step, BlockCyclicMatrix& W, Notes& notes);

 private:
  void factor(double ridge, double proximal, Notes& notes);
  void clip(double limit, const BlockCyclicMatrix& W);

  std::string name_;
  Index biases_;
  double left_out_ = 0.0;
  Index features_;
  std::optional<SampleGram> samples_;
  BlockCyclicMatrix G_, R_, V_, product_;
  GramSystem solver_;
  double mean_diagonal_ = 0.0, ridge_ = 0.0, proximal_ = 0.0;
  bool factored_ = false;
};

}  // namespace admmnet
