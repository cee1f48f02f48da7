/// The forward pass over one panel of samples, and whole output columns.
#pragma once

#include <vector>

#include "linalg/layer_operand.h"
#include "linalg/sample_operand.h"
#include "network/network.h"

namespace admmnet {

/// z_1..z_L and a~_1..a~_{L-1} of one panel, in buffers that serve every panel of a sample set.
/// The hidden z of panels can be kept, so that a second look at a panel costs no product. Else
/// hidden layers of one width share their buffers, and only a~_{L-1} and z_L outlive a run.
class ForwardPass {
 public:
  /// For panels of up to `widest` columns; keeps the hidden z of `kept` panels. Collective.
  ForwardPass(const Network& network, Index widest, std::size_t kept = 0);

  /// Takes the weights of all layers, or of layer l, as they are now, for the runs to come.
  /// Collective.
  void use(const Network& network);
  void use(const Network& network, int l);

  /// z_l = W~_l a~_{l-1}, a~_l = [h(z_l); 1]. inputs: a~_0, extended(0) x columns, and must live
  /// until the next run. Collective. 2 sum_l n_l n_{l-1} flops per sample.
  void run(const SampleOperand& inputs);

  /// The hidden layers only, into place `panel` of those kept. Collective.
  void run_hidden(const SampleOperand& inputs, std::size_t panel = 0);
  /// The output layer after run_hidden or recall. Collective.
  void run_output();
  /// a~_l of the hidden z kept at place `panel`, with the inputs that they came from. Not
  /// collective.
  void recall(const SampleOperand& inputs, std::size_t panel);

  BlockCyclicMatrix& z(int l) { return l == layers() ? output_ : hidden_[panel_][place(l)]; }
  const BlockCyclicMatrix& z(int l) const { return const_cast<ForwardPass*>(this)->z(l); }
  /// a~_l, l = 0 ... L-1; a~_0 are the inputs of the last run.
  SampleOperand a(int l) const { return l == 0 ? inputs_ : a_[place(l)]; }
  /// W~_l as use() has taken it.
  const LayerOperand& weights(int l) const { return weights_[static_cast<std::size_t>(l - 1)]; }
  Index columns() const { return inputs_.cols(); }
  int layers() const { return static_cast<int>(weights_.size()); }

 private:
  void set_activation(int l);
  std::size_t place(int l) const { return places_[static_cast<std::size_t>(l - 1)]; }

  Activation activation_;
  std::vector<LayerOperand> weights_;
  std::vector<std::size_t> places_;                     // of hidden layers among the buffers
  std::vector<std::vector<BlockCyclicMatrix>> hidden_;  // z of each kept panel, by place
  std::vector<BlockCyclicMatrix> a_;
  BlockCyclicMatrix output_;  // z_L
  SampleOperand inputs_;
  std::size_t panel_ = 0;
};

/// a~ := [h(z); 1] (the row of ones only if a~ has one row more than z). Not collective.
void activate_extended(const Activation& h, const BlockCyclicMatrix& z, BlockCyclicMatrix& a);

/// Output columns in the sample layout, where a rank holds whole columns: outputs x columns.
class OutputColumns {
 public:
  /// Collective.
  OutputColumns(const ProcessGrid& grid, Index outputs, Index widest);

  /// Takes the columns of m (any layout over the same ranks). Collective.
  void take(const BlockCyclicMatrix& m);
  /// Puts them back into m. Collective.
  void give(BlockCyclicMatrix& m) const;

  /// So many seconds of work for each entry. Not collective.
  void account_for_entries(double seconds) const;

  Index count() const { return samples_.local_cols(); }  ///< columns of this rank
  /// Its column j in the panel.
  Index global_column(Index j) const { return samples_.global_col(j); }
  Index outputs() const { return samples_.rows(); }
  Index stride() const { return samples_.leading_dimension(); }
  double* data() { return samples_.data(); }
  const double* data() const { return samples_.data(); }
  double* column(Index j) { return samples_.column(j); }
  const double* column(Index j) const { return samples_.column(j); }
  BlockCyclicMatrix& matrix() { return samples_; }

 private:
  BlockCyclicMatrix samples_;
};

}  // namespace admmnet
