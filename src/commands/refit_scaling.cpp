#include "commands/refit_scaling.h"

#include <cmath>
#include <vector>

#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

/// Whether the features that are scaled one by one are the same: q or x (square_roots.h).
static bool same_roots(const Preprocessing& a, const Preprocessing& b) {
  return (a.kind == Scaling::sqn) == (b.kind == Scaling::sqn) && a.unit == b.unit;
}

bool same_scaling(const Preprocessing& a, const Preprocessing& b) {
  return same_roots(a, b) && a.shift == b.shift && a.scale == b.scale && a.rotation == b.rotation;
}

namespace {

/// What a column of W is multiplied with, and how much of it goes to the bias.
struct Refit {
  std::vector<double> factor, to_bias;
};

/// The numbers for each feature; a reason when there are none.
std::string refit_of(const Preprocessing& before, const Preprocessing& now, bool bias,
                     Refit& refit) {
  if (!same_roots(before, now))
    return "square roots over that of a sample's mean (sqn) are no linear map of its features";
  if (before.rotation != now.rotation || !now.rotation.empty())
    return "whitened features are mixtures of all features";
  for (std::size_t i = 0; i < now.shift.size(); ++i) {
    refit.factor.push_back(before.scale[i] / now.scale[i]);
    refit.to_bias.push_back(before.scale[i] * (now.shift[i] - before.shift[i]));
    if (!bias && refit.to_bias.back() != 0.0)
      return "without biases nothing can take up another shift";
    if (!std::isfinite(refit.factor.back()) || !std::isfinite(refit.to_bias.back()))
      return "the scales of feature " + std::to_string(i + 1) + " are too far apart";
  }
  return "";
}

/// W diag(to_bias) 1 on every rank.
std::vector<double> bias_changes(const Refit& refit, Index units, const BlockCyclicMatrix& W) {
  std::vector<double> sums(static_cast<std::size_t>(units), 0.0);
  const auto inputs = static_cast<Index>(refit.to_bias.size());
  for (Index j = 0; j < W.local_cols_below(inputs); ++j) {
    const double part = refit.to_bias[static_cast<std::size_t>(W.global_col(j))];
    for (Index i = 0; i < W.local_rows_below(units); ++i)
      sums[static_cast<std::size_t>(W.global_row(i))] += W.at(i, j) * part;
  }
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, sums.data(), static_cast<int>(sums.size()), MPI_DOUBLE,
                            MPI_SUM, W.grid().comm()));
  return sums;
}

}  // namespace

std::string refit_scaling(const Preprocessing& before, const Preprocessing& now, Index units,
                          bool bias, BlockCyclicMatrix& W) {
  const Index inputs = W.cols() - (bias ? 1 : 0);
  for (const Preprocessing* p : {&before, &now})
    ADMMNET_REQUIRE(static_cast<Index>(p->shift.size()) == inputs &&
                        static_cast<Index>(p->scale.size()) == inputs,
                    "refit_scaling: " + std::to_string(p->shift.size()) + " shifts and " +
                        std::to_string(p->scale.size()) + " scales for " + std::to_string(inputs) +
                        " features");
  if (same_scaling(before, now)) return "";
  Refit refit;
  if (const std::string reason = refit_of(before, now, bias, refit); !reason.empty()) return reason;
  const std::vector<double> changes = bias ? bias_changes(refit, units, W) : std::vector<double>();
  for (Index j = 0; j < W.local_cols(); ++j) {
    const Index col = W.global_col(j);
    for (Index i = 0; i < W.local_rows_below(units); ++i) {
      if (col < inputs)
        W.at(i, j) *= refit.factor[static_cast<std::size_t>(col)];
      else
        W.at(i, j) += changes[static_cast<std::size_t>(W.global_row(i))];
    }
  }
  return "";
}

}  // namespace admmnet
