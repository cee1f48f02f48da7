#include "methods/dladmm/sweep.h"

#include <cmath>
#include <cstdio>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/dladmm/exact.h"
#include "methods/dladmm/prox_gradient.h"
#include "methods/ridge_fit.h"
#include "network/normalised_units.h"
#include "proximal/activation_functions.h"
#include "proximal/hidden_z.h"
#include "runtime/error.h"

namespace admmnet {

DladmmSweep::DladmmSweep(const Topology& topology, const MethodPlace& place,
                         const DladmmParameters& parameters)
    : timers_(place.timers),
      activation_phase_(timers_.phase("activations")),
      weight_phase_(timers_.phase("weights")),
      hidden_phase_(timers_.phase("hidden z")),
      output_phase_(timers_.phase("output z")),
      sums_phase_(timers_.phase("residuals")),
      forward_phase_(timers_.phase("forward")),
      parameters_(parameters),
      v_(topology, place.unit_block, place.grid, place.train, parameters_),
      output_(place.grid, topology.outputs(), place.train.widest),
      before_(v_.workspace(topology.outputs())),
      start_(place.grid, topology, place.unit_block),
      validation_(place.validation) {
  if (parameters_.subsolve == DladmmSubsolve::exact)
    subsolves_ = std::make_unique<DladmmExact>(v_);
  else
    subsolves_ = std::make_unique<DladmmProxGradient>(v_);
}

// ---- the start ----

void DladmmSweep::start(const Network& initial, bool trained) {
  v_.network.copy_weights_from(initial);
  if (!trained) normalise_hidden_units(v_.network, v_.train());
  const int L = v_.layers();
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    for (int l = 1; l < L; ++l) {
      apply(v_.network.W(l), v_.inputs(p, l), v_.m(p, l));
      v_.z(p, l).copy_from(v_.m(p, l));
      activate_extended(v_.topology().activation, v_.z(p, l), v_.a(p, l));
    }
    fill_coded_targets(v_.network.objective(), v_.train().panels[p], 0.0, output_);
    output_.give(v_.z(p, L));
  }
  if (!trained) fit_output();
  for (std::size_t p = 0; p < v_.panels(); ++p) apply(v_.network.W(L), v_.inputs(p, L), v_.m(p, L));
  start_.copy_weights_from(v_.network);
  start_score_ = evaluate(v_.network, v_.train()).score;
  if (validation_ != nullptr) start_validation_score_ = evaluate(v_.network, *validation_).score;
}

/// W_L fitted to the coded targets T; where outputs are logits, to 2 T - 1 (README.md §5.1).
void DladmmSweep::fit_output() {
  const int L = v_.layers();
  const bool logits = v_.topology().loss->wants_logits;
  RidgeFit fit(v_.network, L, parameters_.solvers.back(), v_.train().samples,
               "first weights of the output layer");
  fit.begin();
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    BlockCyclicMatrix& t = v_.z(p, L);
    if (logits) for_each_entry([](double& ti) { ti = 2.0 * ti - 1.0; }, t);
    fit.add(t, v_.inputs(p, L));
  }
  fit.finish();
  fit.solve(parameters_.ridge_first, v_.network.W(L), start_notes_);
}

// ---- the steps ----

/// z_l = argmin nu/2 (a_l - h(z))^2 + nu/2 (z - m_l)^2
void DladmmSweep::hidden_z(std::size_t p, int l) {
  const auto timing = timers_.time(hidden_phase_);
  constexpr double kHiddenStep = 8.0;  // doubles' worth of work for an entry, in all
  BlockCyclicMatrix& z = v_.z(p, l);
  const BlockCyclicMatrix &a = v_.a(p, l), &m = v_.m(p, l);
  account_for_entries(z, kHiddenStep);
  in_parts(z.local_cols(), z.local_rows() * z.local_cols(), [&](Index first, Index last) {
    for (Index j = first; j < last; ++j)
      minimise_hidden_z(v_.topology().activation, static_cast<std::size_t>(z.local_rows()),
                        a.column(j), m.column(j), parameters_.nu, parameters_.nu, z.column(j));
  });
}

/// z_L = argmin R(z) + rho/2 |z - (m_L - u/rho)|^2
void DladmmSweep::output_z(std::size_t p) {
  const double rho = parameters_.rho;
  BlockCyclicMatrix& z = v_.z(p, v_.layers());
  for_each_entry([rho](double& zi, double m, double u) { zi = m - u / rho; }, z,
                 v_.m(p, v_.layers()), v_.u(p));
  output_.take(z);
  v_.network.objective().minimise(v_.train().panels[p].targets, rho, output_);
  output_.give(z);
}

/// u := u + rho (z_L - m_L)
void DladmmSweep::move_multiplier(std::size_t p) {
  const double rho = parameters_.rho;
  for_each_entry([rho](double& u, double z, double m) { u += rho * (z - m); }, v_.u(p),
                 v_.z(p, v_.layers()), v_.m(p, v_.layers()));
}

void DladmmSweep::backward(int l, Index k, Notes& notes) {
  if (l == v_.layers()) {
    const auto timing = timers_.time(output_phase_);
    for (std::size_t p = 0; p < v_.panels(); ++p) output_z(p);
  } else {
    const auto timing = timers_.time(activation_phase_);
    subsolves_->use_weights_above(l, notes);
    for (std::size_t p = 0; p < v_.panels(); ++p) {
      subsolves_->activations(p, l);
      hidden_z(p, l);
    }
  }
  const auto timing = timers_.time(weight_phase_);
  subsolves_->weights(l, k, DladmmHalf::backward, notes);
}

void DladmmSweep::forward(int l, Index k, Notes& notes) {
  {
    const auto timing = timers_.time(weight_phase_);
    subsolves_->weights(l, k, DladmmHalf::forward, notes);
  }
  if (l < v_.layers()) {
    const auto timing = timers_.time(activation_phase_);
    subsolves_->use_weights_above(l, notes);
    for (std::size_t p = 0; p < v_.panels(); ++p) {
      hidden_z(p, l);
      subsolves_->activations(p, l);
    }
    return;
  }
  const auto timing = timers_.time(output_phase_);
  change_ = 0.0;
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    const BlockCyclicMatrix& z = v_.z(p, l);
    before_.set_cols(z.cols());
    before_.copy_from(z);
    output_z(p);
    for_each_entry([&](double before, double now) { change_ += (now - before) * (now - before); },
                   before_, z);
    move_multiplier(p);
  }
}

StepReport DladmmSweep::step(Index k) {
  const Index L = v_.layers(), s = steps_done_;
  StepReport report;
  std::swap(report.notes, start_notes_);
  if (s < L)
    backward(static_cast<int>(L - s), k, report.notes);
  else
    forward(static_cast<int>(s - L + 1), k, report.notes);
  report.done = s + 1;
  report.of = 2 * L;
  steps_done_ = report.done % report.of;
  if (steps_done_ > 0) return report;
  report.pass = end_of_pass(k);
  if (k == 1 || k == parameters_.iterations) report.remarks.push_back(yardstick());
  return report;
}

// ---- what an iteration has to say ----

void DladmmSweep::add_hidden_sums(std::size_t p, int l, Sums& sums) {
  const BlockCyclicMatrix &z = v_.z(p, l), &a = v_.a(p, l), &m = v_.m(p, l);
  account_for_entries(z, 3.0);
  std::vector<double> h(static_cast<std::size_t>(z.local_rows()));
  for (Index j = 0; j < z.local_cols(); ++j) {
    activate(v_.topology().activation, h.size(), z.column(j), h.data());
    for (Index i = 0; i < z.local_rows(); ++i) {
      const double gap = z.at(i, j) - m.at(i, j),
                   bend = a.at(i, j) - h[static_cast<std::size_t>(i)];
      sums.hidden += gap * gap + bend * bend;
    }
  }
}

DladmmSweep::Sums DladmmSweep::sums_over_ranks() {
  const int L = v_.layers();
  const Objective& objective = v_.network.objective();
  Sums own;
  own.change = change_;
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    for (int l = 1; l < L; ++l) add_hidden_sums(p, l, own);
    for_each_entry(
        [&](double z, double m, double u) {
          const double r = z - m;
          own.residual += r * r;
          own.multiplied += u * r;
          own.output += z * z;
          own.multiplier += u * u;
        },
        v_.z(p, L), v_.m(p, L), v_.u(p));
    output_.take(v_.z(p, L));
    const Targets& targets = v_.train().panels[p].targets;
    for (Index j = 0; j < output_.count(); ++j) own.loss += objective.loss(output_, targets, j);
  }
  double sums[] = {own.loss,   own.hidden,     own.residual, own.multiplied,
                   own.output, own.multiplier, own.change};
  v_.network.grid().sum(sums, static_cast<Index>(std::size(sums)));
  return {sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]};
}

/// Omega/N, summed over the layers: omega/2 |W|^2 or omega sum |W|, without biases
double DladmmSweep::regulariser() const {
  if (parameters_.regulariser == DladmmRegulariser::none) return 0.0;
  double sum = 0.0;
  for (int l = 1; l <= v_.layers(); ++l) {
    const BlockCyclicMatrix& W = v_.network.W(l);
    for (Index j = 0; j < W.local_cols_below(v_.topology().width(l - 1)); ++j)
      for (Index i = 0; i < W.local_rows(); ++i) {
        const double w = W.at(i, j);
        sum += parameters_.regulariser == DladmmRegulariser::ridge ? 0.5 * w * w : std::abs(w);
      }
  }
  return parameters_.weight * v_.network.grid().sum(sum);
}

/// sqrt(squares / of), beside 0 as it is
static double relative(double squares, double of) {
  return std::sqrt(of > 0.0 ? squares / of : squares);
}

IterationReport DladmmSweep::end_of_pass(Index k) {
  IterationReport report;
  {
    const auto timing = timers_.time(sums_phase_);
    const Sums sums = sums_over_ranks();
    const auto samples = static_cast<double>(v_.train().samples);
    report.objective = (sums.loss + 0.5 * parameters_.nu * sums.hidden) / samples + regulariser();
    report.lagrangian =
        report.objective + (sums.multiplied + 0.5 * parameters_.rho * sums.residual) / samples;
    report.primal_residual = relative(sums.residual, sums.output);
    report.dual_residual = parameters_.rho * relative(sums.change, sums.multiplier);
  }
  if (!std::isfinite(report.lagrangian) || !v_.network.all_finite())
    throw NumericalBreakdown("NaN or infinity in the state after iteration " + std::to_string(k) +
                             ": raise -dladmm_ridge_last, or try other -dladmm_rho and "
                             "-dladmm_nu");
  const auto timing = timers_.time(forward_phase_);
  report.train = evaluate(v_.network, v_.train());
  return report;
}

/// How far the weights have come, beside what the net was worth before: the first alone proves
/// nothing, as weights may shrink without learning (README.md §7).
std::string DladmmSweep::yardstick() const {
  const Score& score = v_.network.objective().score();
  std::string text =
      "before iteration 1: train " + std::string(score.name) + " " + score.text(start_score_, 2);
  if (validation_ != nullptr) text += ", validation " + score.text(start_validation_score_, 2);
  text += "; |W_l - start| / |start| since then:";
  BlockCyclicMatrix change;
  for (int l = 1; l <= v_.layers(); ++l) {
    change = v_.network.make_like_weight(l);
    const Index inputs = v_.topology().width(l - 1);
    for_each_entry([](double& d, double w, double w0) { d = w - w0; }, change, v_.network.W(l),
                   start_.W(l));
    const double size = sum_of_squares(start_.W(l), inputs);
    char number[32];
    std::snprintf(number, sizeof number, " %.2g", relative(sum_of_squares(change, inputs), size));
    text += number;
  }
  return text;
}

StateView DladmmSweep::state() {
  StateView view;
  v_.network.append_state("iterate/", view);
  v_.append_samples(view);
  start_.append_state("start/", view);
  view.scalars = {{"start/score", &start_score_, nullptr, -1e300, 1e300},
                  {"start/validation_score", &start_validation_score_, nullptr, -1e300, 1e300},
                  {"dladmm/steps", nullptr, &steps_done_, 0.0, largest_count}};
  return view;
}

StateView DladmmSweep::map_state() {
  StateView view;
  if (!subsolves_->starts_from_weights()) v_.append_samples(view);
  return view;
}

}  // namespace admmnet
