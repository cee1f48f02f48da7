#include "methods/anderson.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "linalg/elementwise.h"
#include "linalg/small_system.h"
#include "runtime/error.h"

namespace admmnet {

/// The first passes lead away from the start, and say little about the map.
static constexpr Index kFirst = 3;
static constexpr double kGuard = 2.0;      // a larger growth of |f| drops the history
static constexpr double kTikhonov = 1e-6;  // of the mean diagonal

/// Each matrix of the state once: parts of several tensors may lie in one (W and b).
static std::vector<BlockCyclicMatrix*> matrices_of(const StateView& view) {
  std::vector<BlockCyclicMatrix*> matrices;
  for (const StateTensor& tensor : view.tensors)
    for (const StateTensor::Part& part : tensor.parts)
      if (std::find(matrices.begin(), matrices.end(), part.matrix) == matrices.end())
        matrices.push_back(part.matrix);
  return matrices;
}

Anderson::Anderson(std::unique_ptr<TrainingMethod> method, Index memory, Timers& timers)
    : method_(std::move(method)),
      memory_(memory),
      timers_(timers),
      phase_(timers.phase("acceleration")),
      x_(make_vector()) {
  ADMMNET_REQUIRE(memory_ >= 1 && !x_.empty(), "Anderson: no memory, or no state");
  for (Index m = 0; m < memory_; ++m) past_.push_back({make_vector(), make_vector()});
}

Anderson::Vector Anderson::make_vector() {
  Vector result;
  for (const BlockCyclicMatrix* matrix : matrices_of(method_->map_state()))
    result.emplace_back(matrix->grid(), matrix->rows(), matrix->cols(), matrix->row_block(),
                        matrix->col_block());
  return result;
}

void Anderson::start(const Network& initial, bool trained) {
  pass_ = held_ = 0;
  change_ = 0.0;
  method_->start(initial, trained);
}

StepReport Anderson::step(Index k) {
  std::vector<std::string> notes;
  if (k != pass_) {
    const auto timing = timers_.time(phase_);
    if (pass_ > 0) extrapolate(notes);
    keep_x();
    pass_ = k;
  }
  StepReport report = method_->step(k);
  report.notes.insert(report.notes.begin(), notes.begin(), notes.end());
  return report;
}

void Anderson::keep_x() {
  const auto state = matrices_of(method_->map_state());
  for (std::size_t i = 0; i < x_.size(); ++i) {
    account_for_entries(x_[i], 2.0);
    x_[i].copy_from(*state[i]);
  }
}

/// The tensors of the method, g_j, become x_{j+1}; j = pass_ is the pass that has ended.
void Anderson::extrapolate(std::vector<std::string>& notes) {
  const auto g = matrices_of(method_->map_state());
  // f_j = g_j - x_j, in the place of x_j
  for (std::size_t i = 0; i < x_.size(); ++i)
    for_each_entry_in_parts([](double& x, double gi) { x = gi - x; }, x_[i], *g[i]);
  const std::vector<double> sums = products();
  const double before = change_;
  change_ = std::sqrt(sums.back());
  if (pass_ < kFirst) return;
  if (held_ > 0 && change_ > kGuard * before) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "acceleration: the change of the state grew from %.3g to %.3g in pass %lld; its "
                  "history is dropped",
                  before, change_, static_cast<long long>(pass_));
    notes.push_back(text);
    held_ = 0;
  }
  mix(held_ > 0 ? weights(sums) : std::vector<double>());
  held_ = std::min(held_ + 1, memory_);
}

/// The Gram matrix of the columns of dF and of f_j behind them, column-major.
std::vector<double> Anderson::products() {
  const auto m = static_cast<std::size_t>(held_), n = m + 1;
  std::vector<double> sums(n * n, 0.0);
  std::vector<std::vector<double>> d(m);  // of one column of a matrix
  for (std::size_t i = 0; i < x_.size(); ++i) {
    const BlockCyclicMatrix& f = x_[i];
    account_for_entries(f, static_cast<double>(n));
    const Index rows = f.local_rows();
    for (Index col = 0; col < f.local_cols(); ++col) {
      std::vector<const double*> columns;
      for (std::size_t s = 0; s < m; ++s) {
        const Index pass = pass_ - held_ + static_cast<Index>(s);
        const double* older = past(pass).f[i].column(col);
        const double* newer = s + 1 < m ? past(pass + 1).f[i].column(col) : f.column(col);
        d[s].resize(static_cast<std::size_t>(rows));
        std::transform(newer, newer + rows, older, d[s].begin(), std::minus<>());
        columns.push_back(d[s].data());
      }
      columns.push_back(f.column(col));
      for (std::size_t s = 0; s < n; ++s)
        for (std::size_t t = s; t < n; ++t)
          sums[t + s * n] += inner_product(columns[s], columns[t], rows);
    }
  }
  x_[0].grid().sum(sums.data(), static_cast<Index>(sums.size()));
  return sums;
}

/// alpha of x_{j+1} = g_j + sum_i alpha_i (g_{j-m+i} - g_j), i = 0 ... m-1, or g_j - dG gamma:
/// alpha_0 = gamma_0, alpha_i = gamma_i - gamma_{i-1}. Empty where f does not change any more.
std::vector<double> Anderson::weights(const std::vector<double>& sums) const {
  const auto m = static_cast<std::size_t>(held_), n = m + 1;
  std::vector<double> A(m * m), b(m);
  double diagonal = 0.0;
  for (std::size_t s = 0; s < m; ++s) {
    for (std::size_t t = s; t < m; ++t) A[t + s * m] = sums[t + s * n];
    b[s] = sums[m + s * n];
    diagonal += A[s + s * m] / static_cast<double>(m);
  }
  // gamma = (dF^T dF + 1e-6 mean diagonal I)^-1 dF^T f
  for (std::size_t s = 0; s < m; ++s) A[s + s * m] += kTikhonov * diagonal;
  std::vector<double> alpha = solve_small(std::move(A), std::move(b));
  for (std::size_t s = alpha.size(); s-- > 1;) alpha[s] -= alpha[s - 1];
  return alpha;
}

/// x_{j+1} into the tensors of the method; f_j and g_j take the place of the oldest in past_.
void Anderson::mix(const std::vector<double>& alpha) {
  const auto state = matrices_of(method_->map_state());
  for (std::size_t i = 0; i < x_.size(); ++i) {
    BlockCyclicMatrix &x = x_[i], &g = *state[i];
    std::swap(x, past(pass_).f[i]);
    account_for_entries(x, 6.0);
    x.copy_from(g);
    for (std::size_t s = 0; s < alpha.size(); ++s) {
      const double weight = alpha[s];
      for_each_entry_in_parts(
          [weight](double& sum, double older, double newest) { sum += weight * (older - newest); },
          x, past(pass_ - held_ + static_cast<Index>(s)).g[i], g);
    }
    past(pass_).g[i].copy_from(g);
    g.copy_from(x);
  }
}

StateView Anderson::state() {
  StateView view = method_->state();
  const StateView map = method_->map_state();
  const auto state = matrices_of(map);
  const auto add = [&](const std::string& prefix, Vector& vector) {
    for (StateTensor tensor : map.tensors) {
      tensor.path = prefix + tensor.path;
      for (StateTensor::Part& part : tensor.parts)
        part.matrix = &vector[static_cast<std::size_t>(
            std::find(state.begin(), state.end(), part.matrix) - state.begin())];
      view.tensors.push_back(tensor);
    }
  };
  add("acceleration/x/", x_);
  for (std::size_t m = 0; m < past_.size(); ++m) {
    add("acceleration/f_" + std::to_string(m) + "/", past_[m].f);
    add("acceleration/g_" + std::to_string(m) + "/", past_[m].g);
  }
  view.scalars.push_back({"acceleration/pass", nullptr, &pass_, 0.0, largest_count});
  view.scalars.push_back({"acceleration/held", nullptr, &held_, 0.0, static_cast<double>(memory_)});
  view.scalars.push_back({"acceleration/change", &change_, nullptr, 0.0, 1e300});
  return view;
}

std::unique_ptr<TrainingMethod> make_method(const MethodKind& kind, const ProblemSize& problem,
                                            const Options& options, const MethodPlace& place) {
  auto method = kind.make(problem, options, place);
  if (options.train.acceleration.value_or(Acceleration::none) == Acceleration::none) return method;
  return std::make_unique<Anderson>(std::move(method), options.train.anderson_memory, place.timers);
}

}  // namespace admmnet
