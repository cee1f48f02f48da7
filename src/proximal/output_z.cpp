#include "proximal/output_z.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "proximal/crammer_singer_prox.h"
#include "proximal/softmax_prox.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

void check_arguments(Index outputs, Index ldv, Index ldz, double beta) {
  if (!(beta > 0.0 && std::isfinite(beta)))
    throw InternalError("output z: beta " + std::to_string(beta) + " must be positive");
  if (ldv < outputs || ldz < outputs)
    throw InternalError("output z: leading dimensions " + std::to_string(ldv) + " and " +
                        std::to_string(ldz) + " for " + std::to_string(outputs) + " outputs");
}

struct SquaredProx {
  Index outputs;
  double beta;
  void minimise(const double* v, int label, double* z) const {
    for (Index i = 0; i < outputs; ++i)
      z[i] = (target(outputs, i, label) + beta * v[i]) / (1.0 + beta);
  }
};

struct HingeProx {
  Index outputs;
  double step;  ///< 1/beta
  void minimise(const double* v, int label, double* z) const {
    for (Index i = 0; i < outputs; ++i)
      z[i] = target(outputs, i, label) == 1.0 ? towards_one(v[i]) : towards_zero(v[i]);
  }
  // The operand order of min and max lets NaN through.
  double towards_one(double v) const { return std::max(v, std::min(1.0, v + step)); }
  double towards_zero(double v) const { return std::min(v, std::max(0.0, v - step)); }
};

bool all_finite(Index count, const double* v) {
  return std::all_of(v, v + count, [](double x) { return std::isfinite(x); });
}

/// The columns of a call, with everything but the minimiser.
struct Columns {
  Loss loss;
  Index outputs, count;
  const double* v;
  Index ldv;
  const int* labels;
  double* z;
  Index ldz;

  template <class Prox>
  void minimise_with(Prox&& prox) const {
    const bool couples = loss == Loss::multiclass_hinge || loss == Loss::softmax;
    for (Index j = 0; j < count; ++j) {
      check_loss_arguments(loss, outputs, labels[j]);
      const double* from = v + j * ldv;
      double* to = z + j * ldz;
      if (couples && !all_finite(outputs, from))
        std::fill(to, to + outputs, std::numeric_limits<double>::quiet_NaN());
      else
        prox.minimise(from, labels[j], to);
    }
  }
};

}  // namespace

void minimise_output_z(Loss loss, Index outputs, Index columns, const double* v, Index ldv,
                       // NOLINTNEXTLINE(readability-non-const-parameter): `all` writes to z
                       const int* labels, double beta, double* z, Index ldz) {
  check_arguments(outputs, ldv, ldz, beta);
  const Columns all{loss, outputs, columns, v, ldv, labels, z, ldz};
  switch (loss) {
    case Loss::squared:
      return all.minimise_with(SquaredProx{outputs, beta});
    case Loss::hinge:
      return all.minimise_with(HingeProx{outputs, 1.0 / beta});
    case Loss::multiclass_hinge:
      return all.minimise_with(CrammerSingerProx(outputs, beta));
    case Loss::softmax:
      return all.minimise_with(SoftmaxProx(outputs, beta));
  }
  throw InternalError("loss " + std::to_string(static_cast<int>(loss)) + " is unknown");
}

}  // namespace admmnet
