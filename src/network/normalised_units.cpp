#include "network/normalised_units.h"

#include <cmath>

#include "linalg/elementwise.h"
#include "network/forward.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"

namespace admmnet {
namespace {

/// Below it, relative to sqrt(m^2 + s^2), a deviation is rounding.
constexpr double kLeastDeviation = 1e-10;

/// The layers 1 ... l by themselves, the z of the last one as outputs.
Network first_layers(const Network& network, int l) {
  Topology topology = network.topology();
  topology.widths.resize(static_cast<std::size_t>(l) + 1);
  topology.loss = Loss::squared;
  Network head(network.grid(), topology, network.unit_block());
  for (int i = 1; i <= l; ++i) head.W(i).copy_from(network.W(i));
  return head;
}

RowMoments moments_of_layer(const Network& network, int l, const SampleSet& train) {
  const Network head = first_layers(network, l);
  ForwardPass forward(head, train.widest);
  forward.use(head);
  RowMoments moments;
  for (const SamplePanel& panel : train.panels) {
    forward.run(panel.a());
    moments.add(forward.z(l));
    beat("normalising the hidden units");
  }
  moments.finish(network.grid());
  return moments;
}

void normalise(const RowMoments& moments, int l, bool bias, BlockCyclicMatrix& W) {
  std::vector<double> scale, shift;
  for (std::size_t i = 0; i < moments.mean().size(); ++i) {
    const double m = moments.mean()[i], size = std::sqrt(moments.variance()[i] + m * m);
    if (!std::isfinite(size))
      throw NumericalBreakdown("unit " + std::to_string(i + 1) + " of hidden layer " +
                               std::to_string(l) +
                               " is NaN or infinite before any training; check -data_scaling and "
                               "-init_scheme");
    const double deviation = bias ? std::sqrt(moments.variance()[i]) : size;
    scale.push_back(deviation > kLeastDeviation * size ? 1.0 / deviation : 1.0);
    shift.push_back(bias ? m : 0.0);
  }
  const Index inputs = W.local_cols_below(W.cols() - (bias ? 1 : 0));
  for (Index j = 0; j < W.local_cols(); ++j)
    for (Index i = 0; i < W.local_rows(); ++i) {
      const auto unit = static_cast<std::size_t>(W.global_row(i));
      W.at(i, j) = (W.at(i, j) - (j < inputs ? 0.0 : shift[unit])) * scale[unit];
    }
}

}  // namespace

void RowMoments::add(const BlockCyclicMatrix& z) {
  account_for_entries(z, 2.0);
  const auto rows = static_cast<std::size_t>(z.local_rows());
  if (count_ == 0) {
    rows_ = z.rows();
    own_mean_.assign(rows, 0.0);
    own_squares_.assign(rows, 0.0);
    for (Index i = 0; i < z.local_rows(); ++i) global_row_.push_back(z.global_row(i));
  }
  count_ += z.cols();
  if (z.local_cols() == 0) return;
  std::vector<double> mean(rows, 0.0), squares(rows, 0.0);
  for (Index j = 0; j < z.local_cols(); ++j)
    for (std::size_t i = 0; i < rows; ++i) mean[i] += z.column(j)[i];
  const auto added = static_cast<double>(z.local_cols());
  for (double& m : mean) m /= added;
  for (Index j = 0; j < z.local_cols(); ++j)
    for (std::size_t i = 0; i < rows; ++i) {
      const double d = z.column(j)[i] - mean[i];
      squares[i] += d * d;
    }
  // m := m + d n_b/n, M := M + M_b + d^2 n_a n_b/n, d = m_b - m, n = n_a + n_b
  const double before = static_cast<double>(own_count_), part = added / (before + added);
  for (std::size_t i = 0; i < rows; ++i) {
    const double d = mean[i] - own_mean_[i];
    own_mean_[i] += d * part;
    own_squares_[i] += squares[i] + d * d * before * part;
  }
  own_count_ += z.local_cols();
}

void RowMoments::finish(const ProcessGrid& grid) {
  const auto own = static_cast<double>(own_count_), all = static_cast<double>(count_);
  mean_.assign(static_cast<std::size_t>(rows_), 0.0);
  variance_ = mean_;
  for (std::size_t i = 0; i < global_row_.size(); ++i)
    mean_[static_cast<std::size_t>(global_row_[i])] = own * own_mean_[i];
  grid.sum(mean_.data(), rows_);
  for (double& m : mean_) m /= all;
  for (std::size_t i = 0; i < global_row_.size(); ++i) {
    const auto row = static_cast<std::size_t>(global_row_[i]);
    const double d = own_mean_[i] - mean_[row];
    variance_[row] = own_squares_[i] + own * d * d;
  }
  grid.sum(variance_.data(), rows_);
  for (double& v : variance_) v /= all;
}

void normalise_hidden_units(Network& network, const SampleSet& train) {
  for (int l = 1; l < network.layers(); ++l)
    normalise(moments_of_layer(network, l, train), l, network.topology().bias, network.W(l));
}

}  // namespace admmnet
