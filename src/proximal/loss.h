/// The losses l(z, y) of the output layer, by their names. loss_functions.h and output_z.h do the
/// work; README.md of this folder shows how to add one.
///
/// A leaf, so that every room can name a loss.
#pragma once

#include <string>

#include "proximal/real_loss.h"
#include "runtime/table.h"
#include "runtime/types.h"

namespace admmnet {

struct OutputStep;  // proximal/output_step.h

/// A row of the table of losses: all that a loss consists of. A loss may be of classes, of real
/// targets (real_loss.h), or of both. Each function may rely on `outputs` and labels that fit
/// (loss_functions.h).
struct LossFunctions {
  /// l(z, y) of one column.
  using Value = double (*)(Index outputs, const double* z, int label);
  /// The minimisers of l(z, y) + beta/2 |z - v|^2 for the columns of a call.
  using Minimise = void (*)(const OutputStep& step);
  /// s := an element of the subdifferential of l(., y) at z: the gradient where there is one.
  using Gradient = void (*)(Index outputs, const double* z, int label, double* s);
  /// Whether s lies in the subdifferential of l(., y) at z (loss_functions.h).
  using InSubdifferential = bool (*)(Index outputs, const double* z, int label, const double* s,
                                     double tolerance);
  /// v := H v, H the Hessian of l(., y) at z, which is positive semidefinite.
  using Curvature = void (*)(Index outputs, const double* z, int label, double* v);
  /// v := a random one of mean 0 and E v v^T = H, from u, uniform in (0, 1).
  using DrawCurvature = void (*)(Index outputs, const double* z, int label, double u, double* v);

  /// `compares_outputs`: takes two outputs at least, two classes as well, and a column with an
  /// entry that is not finite has no minimiser. Else entry by entry, and two classes are one output
  /// whose target is 0 or 1. `wants_logits`: z and z + c are as good, and z grows with certainty.
  /// `seconds`: of a core, for the minimiser, an entry. `of_reals`: the same loss of real targets.
  constexpr LossFunctions(const char* its_name, bool compares, bool logits, double its_seconds,
                          Value its_value, Gradient its_gradient, Minimise its_minimise,
                          InSubdifferential its_in_subdifferential,
                          const RealLoss* of_reals = nullptr, Curvature its_curvature = nullptr,
                          DrawCurvature its_draw_curvature = nullptr)
      : name(its_name),
        compares_outputs(compares),
        wants_logits(logits),
        seconds(its_seconds),
        value(its_value),
        gradient(its_gradient),
        minimise(its_minimise),
        in_subdifferential(its_in_subdifferential),
        reals(of_reals),
        curvature(its_curvature),
        draw_curvature(its_draw_curvature) {}

  /// Of real targets alone.
  constexpr LossFunctions(const char* its_name, double its_seconds, const RealLoss& of_reals)
      : LossFunctions(its_name, false, false, its_seconds, nullptr, nullptr, nullptr, nullptr,
                      &of_reals) {}

  bool takes_classes() const { return value != nullptr; }
  bool takes_reals() const { return reals != nullptr; }

  const char* name;
  bool compares_outputs, wants_logits;
  double seconds;
  Value value;
  Gradient gradient;
  Minimise minimise;
  InSubdifferential in_subdifferential;
  const RealLoss* reals;  ///< null: it has no meaning for real targets
  Curvature curvature;    ///< null: it has kinks, and methods that ask for a Hessian refuse it
  /// Null: H s with random signs s will do, as where H is diagonal with entries 0 and 1.
  DrawCurvature draw_curvature;
};

/// squared            1/2 |z - y|^2, y one-hot (0/1; one output: y = class)
/// hinge              sum_i max(1 - z_i, 0) if y_i = 1, max(z_i, 0) if y_i = 0  (Taylor's coding)
/// multiclass_hinge   max_j (1 - [j=y] + z_j) - z_y                             (Crammer, Singer)
/// softmax            log sum_j exp(z_j) - z_y                                  (cross-entropy)
extern const LossFunctions squared_loss, hinge_loss, multiclass_hinge_loss, softmax_loss;
/// Those of real targets alone (real_loss.h). squared is of both.
extern const LossFunctions absolute_loss, huber_loss, pinball_loss, epsilon_insensitive_loss;

/// All losses of the program. Those of this room are listed in losses.cpp.
Table<LossFunctions>& loss_table();
/// The names of those that take real targets, or classes, for remedies: "squared, huber".
std::string losses_of(bool real_targets);

/// One row of the table, to be passed by value and compared.
class Loss {
 public:
  static const Loss squared, hinge, multiclass_hinge, softmax;

  constexpr Loss() : Loss(softmax_loss) {}
  explicit constexpr Loss(const LossFunctions& functions) : functions_(&functions) {}

  const LossFunctions* operator->() const { return functions_; }
  bool operator==(Loss other) const { return functions_ == other.functions_; }
  bool operator!=(Loss other) const { return functions_ != other.functions_; }

 private:
  const LossFunctions* functions_;
};

inline constexpr Loss Loss::squared{squared_loss};
inline constexpr Loss Loss::hinge{hinge_loss};
inline constexpr Loss Loss::multiclass_hinge{multiclass_hinge_loss};
inline constexpr Loss Loss::softmax{softmax_loss};

}  // namespace admmnet
