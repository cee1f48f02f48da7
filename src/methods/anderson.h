/// Anderson acceleration (type II) around a method of which a pass is a map of its state, x := g(x)
/// (README.md, "Acceleration").
///
/// x_j before pass j, g_j what the pass makes of it, f_j = g_j - x_j; of M past passes
///   gamma = argmin |f_j - dF gamma|,   dF = (f_{j-m+1} - f_{j-m}, ..., f_j - f_{j-1}),  m <= M,
///   x_{j+1} = g_j - dG gamma,          dG likewise,
/// by the normal equations with 1e-6 of their mean diagonal added to it. D. G. Anderson, J. ACM 12
/// (1965); H. F. Walker and P. Ni, SIAM J. Numer. Anal. 49 (2011).
#pragma once

#include "methods/method.h"

namespace admmnet {

/// Steps and their reports are those of the method. x_{j+1} is formed when pass j + 1 begins: at
/// the end of a pass weights and state are what the pass has made of them.
class Anderson : public TrainingMethod {
 public:
  /// `method` has a map_state(); memory: M >= 1. It holds 2 M + 1 times the matrices of that state.
  /// Timers must outlive it. Collective.
  Anderson(std::unique_ptr<TrainingMethod> method, Index memory, Timers& timers);

  void start(const Network& initial, bool trained) override;
  void resume() override { method_->resume(); }
  StepReport step(Index k) override;
  const Network& network() const override { return method_->network(); }
  /// The method's, and "acceleration/...".
  StateView state() override;

 private:
  using Vector = std::vector<BlockCyclicMatrix>;  // the matrices of map_state(), in its order
  struct Past {
    Vector f, g;
  };

  Vector make_vector();
  Past& past(Index j) { return past_[static_cast<std::size_t>(j % memory_)]; }
  std::vector<double> products();
  std::vector<double> weights(const std::vector<double>& sums) const;
  void extrapolate(std::vector<std::string>& notes);
  void mix(const std::vector<double>& alpha);
  void keep_x();

  std::unique_ptr<TrainingMethod> method_;
  Index memory_;
  Timers& timers_;
  int phase_;
  Vector x_;                // before the pass under way; f_j while x_{j+1} is formed
  std::vector<Past> past_;  // pass j lies in j mod M
  Index pass_ = 0;          // begun last
  Index held_ = 0;          // passes before it that past_ holds
  double change_ = 0.0;     // |f| of the pass before it
};

/// The method that a run asks for: the kind's own, or with an accelerator around it
/// (-train_acceleration). Collective on the grid.
std::unique_ptr<TrainingMethod> make_method(const MethodKind& kind, const ProblemSize& problem,
                                            const Options& options, const MethodPlace& place);

}  // namespace admmnet
