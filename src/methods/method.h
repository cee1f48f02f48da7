/// The room methods/: how networks are trained. One folder a method, each behind the interfaces
/// below; a method never includes another one. Reading data, files and the loop around the steps do
/// not enter. README.md says how to add a method.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "data/dataset.h"
#include "linalg/state_view.h"
#include "methods/cost.h"
#include "network/metrics.h"
#include "network/network.h"
#include "runtime/iteration_record.h"
#include "runtime/timers.h"

namespace admmnet {

/// What an iteration, a pass over the training samples, has to say at its end.
struct IterationReport {
  double objective = 0.0;  ///< per training sample
  /// Relative, sqrt(sum |z - W a|^2 / sum |z|^2). NaN: it has none.
  double primal_residual = IterationRecord::absent;
  /// Relative: what the last iterate lacks to a stationary point of the Lagrangian, by the method's
  /// own formula. NaN: it has none.
  double dual_residual = IterationRecord::absent;
  double lagrangian = IterationRecord::absent;  ///< augmented, per training sample. NaN: none
  Metrics train;                   ///< by real forward passes; see the method for the weights used
  std::vector<std::string> notes;  ///< fallbacks and rejections, for the log
  std::vector<std::string> warnings;  ///< what the user should act on
};

/// What a step, a natural part of a pass, has to say.
struct StepReport {
  Index done = 1, of = 1;  ///< steps of the pass so far, and in all (it may end sooner)
  double loss = IterationRecord::absent;  ///< mean of the pass so far; NaN: unknown
  /// Whether state() holds all of it now. Always so at the end of a pass.
  bool resumable = true;
  std::vector<std::string> notes, warnings;  ///< of this step
  std::vector<std::string> remarks;          ///< for the log: what was found, not worked around
  /// At the end of a pass, with the notes and warnings of its last step.
  std::optional<IterationReport> pass;
};

class TrainingMethod {
 public:
  virtual ~TrainingMethod() = default;

  /// Begins with these weights. `trained`: they come from another run and are taken as they are;
  /// else the method may choose the output layer itself. Collective.
  virtual void start(const Network& initial, bool trained) = 0;

  /// Begins with the state that was read into state(). Collective.
  virtual void resume() = 0;

  /// The next step of iteration k = 1, 2, ..., the first one that has not ended. Throws
  /// NumericalBreakdown when the state holds NaN. Collective.
  virtual StepReport step(Index k) = 0;

  /// The weights as they are. Those to be kept and evaluated are these at the end of a pass.
  virtual const Network& network() const = 0;

  /// Everything that the next step depends on besides data and options.
  virtual StateView state() = 0;

  /// The part x of the state of which a pass is a map, x := g(x): all else that the next pass uses
  /// follows from x, data, options and the number of the pass. Between two passes it may be changed
  /// (anderson.h). x is every entry of the matrices in which the parts lie; they have the same
  /// shapes and order at the end of every pass. Empty: the method is no such map.
  virtual StateView map_state() { return {}; }

  /// All steps that are left of iteration k, with the notes and warnings of all of them.
  /// Collective.
  IterationReport iterate(Index k);
};

/// Where a method runs. References must outlive it.
struct MethodPlace {
  const ProcessGrid& grid;
  Index unit_block;
  const SampleSet& train;
  std::size_t way;  ///< 0 ... MethodKind::ways() - 1
  Timers& timers;
  /// For choices that must not be made by the training samples. Null: there are none.
  const SampleSet* validation = nullptr;
};

/// A method by its name: its keys, the choices that it makes, and how it begins. Not collective and
/// the same on every rank where nothing else is said. Stateless: one object serves all runs.
class MethodKind {
 public:
  virtual ~MethodKind() = default;

  virtual MethodKeys keys() const = 0;

  /// What of these options, as they were given, needs dense inputs, in the deck's words; empty:
  /// nothing, what is done with inputs are the verbs of linalg/sample_operand.h.
  virtual std::string needs_dense(const Options& /*options*/) const {
    return "-train_method " + keys().method;
  }

  /// What -net_loss auto stands for.
  virtual Loss default_loss(const Options& options) const = 0;

  /// What -net_label_smoothing auto stands for, with softmax.
  virtual double default_label_smoothing(const Options& /*options*/) const { return 0.0; }

  /// Whether -data_components auto may stand for components (data/components.h).
  virtual bool default_components(const Options& /*options*/) const { return false; }

  /// What -init_scheme auto stands for.
  virtual InitScheme default_init_scheme(const Options& /*options*/) const {
    return InitScheme::he;
  }

  /// What -init_bias auto stands for, with the schemes he, xavier and lecun and a hidden layer.
  virtual InitBias default_init_bias(const Options& /*options*/) const { return InitBias::zero; }

  /// What -train_acceleration auto stands for; nothing: map_state() is empty with these options,
  /// and there is nothing to accelerate. This and the next are also asked of methods that a run
  /// does not take, to name those that can: their keys are then as they were given.
  virtual std::optional<Acceleration> default_acceleration(const Options& /*options*/) const {
    return std::nullopt;
  }

  /// Whether its reports have a dual residual.
  virtual bool has_dual_residual(const Options& /*options*/) const { return false; }

  /// Whether it trains for real targets: it knows targets by the objective alone.
  virtual bool takes_real_targets(const Options& /*options*/) const { return true; }

  /// Whether it trains by weights of samples and classes: it knows losses and targets by the
  /// objective alone, and takes the weights into a least-squares fit to targets, too
  /// (weighted_samples.h).
  virtual bool takes_weights(const Options& /*options*/) const { return false; }

  /// Replaces every auto of the method's keys, and of -linalg_weight_solver and
  /// -linalg_activation_solver, by a value that depends on options and problem alone, never on
  /// machine or ranks: plan, method, log, used deck and checkpoint all take it from there. Throws
  /// BadInput for what does not go together. Called once a run; the values of a checkpoint are in
  /// their places before.
  virtual void resolve(const ProblemSize& problem, Options& options) const = 0;

  /// The functions below take what resolve() has made of the options.

  /// For the log: name and value of what was chosen.
  virtual std::vector<std::pair<std::string, std::string>> describe(
      const ProblemSize& problem, const Options& options) const = 0;

  /// Ways to run that give the same results: of those that fit, the one of least predicted time is
  /// taken. What each costs is found out by running it on shapes (method_cost.h).
  virtual std::size_t ways(const Options& /*options*/) const { return 1; }
  /// Into how many equal parts, by process columns, a way divides the ranks: it runs on grids
  /// whose columns they divide.
  virtual int parts(const Options& /*options*/, std::size_t /*way*/) const { return 1; }
  /// What a way makes of keys whose auto depends on the machine, by key.
  virtual std::map<std::string, std::string> choices(const Options& /*options*/,
                                                     std::size_t /*way*/) const {
    return {};
  }
  /// For the plan, a name and what else is worth a word, after commas: "blocks, hidden Gram
  /// matrices every 2".
  virtual std::string summary(const ProblemSize& /*problem*/, const Options& /*options*/,
                              std::size_t /*way*/) const {
    return keys().method;
  }

  /// Keys, and values other than those of `options`, with which a pass costs less on many ranks and
  /// teaches less, one after the other: the plan says what they would save, and which it would
  /// take. Empty: there are none.
  virtual std::vector<std::map<std::string, std::string>> cheaper(
      const ProblemSize& /*problem*/, const Options& /*options*/) const {
    return {};
  }

  /// Of how many passes at least the plan should be the mean: where a pass is no whole number of
  /// its steps, more than one look alike only in the long run.
  virtual Index rehearsed_passes(const ProblemSize& /*problem*/, const Options& /*options*/) const {
    return 1;
  }

  /// First positions of the panels that the training samples are cut into, and their end.
  virtual std::vector<Index> panel_bounds(const Options& options, Index samples,
                                          int grid_cols) const = 0;

  /// Collective on the grid. On a grid of shapes (linalg/process_grid.h) the method runs as on any
  /// other: loops over entries find none, and sums over the ranks are 1.
  virtual std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                               const MethodPlace& place) const = 0;
};

/// The methods of the folders here and those added, and their keys in the schema. Before the first
/// look at the schema; a second call does nothing.
void register_methods();

/// One more method, made outside of this tree; it must outlive the program's use. Before the first
/// look at the schema.
void add_method(const MethodKind& method);

/// The method of this name. Throws BadInput when there is none.
const MethodKind& method_named(const std::string& name);

/// The names of all methods that `has` is true of, after commas.
std::string methods_with(const std::function<bool(const MethodKind&)>& has);

}  // namespace admmnet
