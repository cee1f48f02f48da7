#include "methods/ridge_search.h"

#include <cmath>
#include <cstdio>

#include "linalg/products.h"
#include "network/forward.h"
#include "network/metrics.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"

namespace admmnet {
namespace {

struct Trial {
  double ridge;
  BlockCyclicMatrix W;
  LayerOperand operand;
  MetricSums sums;
  Metrics validation;
};

/// The scores of all trials, with one forward pass of the hidden layers.
void judge(const Network& network, const SampleSet& validation, std::vector<Trial>& trials) {
  const int L = network.layers();
  const Index outputs = network.topology().outputs();
  ForwardPass forward(network, validation.widest);
  for (int l = 1; l < L; ++l) forward.use(network, l);
  BlockCyclicMatrix z = network.make_sample_like(outputs, validation.widest);
  OutputColumns columns(network.grid(), outputs, validation.widest);
  for (Trial& trial : trials) trial.operand.assign(trial.W);
  for (const SamplePanel& panel : validation.panels) {
    forward.run_hidden(panel.a());
    z.set_cols(panel.count);
    for (Trial& trial : trials) {
      apply(trial.operand, forward.a(L - 1), z);
      columns.take(z);
      network.objective().add(columns, panel.targets, trial.sums);
    }
    beat("choosing a ridge");
  }
  for (Trial& trial : trials) trial.validation = trial.sums.reduce(network);
}

/// By the score, then by the loss; NaN comes last.
bool is_better(const Score& score, const Metrics& a, const Metrics& b) {
  if (std::isnan(a.loss) || std::isnan(b.loss)) return !std::isnan(a.loss) && std::isnan(b.loss);
  const double rank_a = score.rank(a.score, a.loss), rank_b = score.rank(b.score, b.loss);
  return rank_a > rank_b || (rank_a == rank_b && a.loss < b.loss);
}

std::string in_words(const std::vector<Trial>& trials, const Trial& best, const Score& score) {
  const auto number = [](double ridge) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", ridge);
    return std::string(text);
  };
  std::string list;
  for (const Trial& trial : trials)
    list += (list.empty() ? "" : ", ") + number(trial.ridge) + ": " +
            score.text(trial.validation.score);
  return "ridge " + number(best.ridge) + " by the validation " + score.name + " (" + list + ")";
}

}  // namespace

std::string fit_by_validation(RidgeFit& fit, const std::vector<double>& ridges,
                              const SampleSet& validation, Network& network, Notes& notes) {
  ADMMNET_REQUIRE(!ridges.empty() && validation.samples > 0,
                  "fit_by_validation: no ridges, or no validation samples");
  const int L = network.layers();
  std::vector<Trial> trials;
  for (const double ridge : ridges) {
    trials.push_back({ridge, network.make_like_weight(L), {}, {}, {}});
    trials.back().W.copy_from(network.W(L));
    fit.solve(ridge, trials.back().W, notes);
    beat("choosing a ridge");
  }
  judge(network, validation, trials);
  const Score& score = network.objective().score();
  const Trial* best = &trials.front();
  for (const Trial& trial : trials)
    if (is_better(score, trial.validation, best->validation)) best = &trial;
  if (!std::isfinite(best->validation.loss))
    throw NumericalBreakdown(
        "no ridge gives finite outputs on the validation samples; raise the ridges, and check "
        "-data_scaling");
  network.W(L).copy_from(best->W);
  return in_words(trials, *best, score);
}

}  // namespace admmnet
