/// What is trained on what: data, network and start of a reference run, and the forward pass.
#pragma once

#include <vector>

#include "config/options.h"
#include "proximal/activation.h"
#include "proximal/loss.h"
#include "reference/dense.h"

namespace admmnet::reference {

struct Problem {
  Matrix X;                   ///< n_0 x N, no bias row, columns already shuffled
  std::vector<int> labels;    ///< N classes 0..n_L-1; one output: the target itself
  std::vector<Index> hidden;  ///< n_1..n_{L-1}
  Index outputs = 1;          ///< n_L
  Activation activation;
  Loss loss = Loss::softmax;
  bool bias = true;
  Index seed = 0;
  InitScheme init = InitScheme::he;

  Index samples() const { return X.cols; }
  int layers() const { return static_cast<int>(hidden.size()) + 1; }  ///< L
  Index width(int l) const;                                           ///< n_l, l = 0..L
  Matrix targets() const;  ///< T, n_L x N: 0/1 coding; one output: the labels as they are
};

/// h~ = [h; 1], or h without biases.
Matrix with_bias_row(const Problem& problem, const Matrix& h);
/// W' = W without its bias column.
Matrix without_bias_column(const Problem& problem, const Matrix& W);
/// W I': I' is the identity with 0 at the bias entry. Without biases W itself.
Matrix without_bias_entries(const Problem& problem, const Matrix& W);
/// mbar(G) = tr(G) / rows(G), the bias row included.
double mean_diagonal(const Matrix& G);
/// G + ridge mbar(G) I' + jitter mbar(G) I.
Matrix regularised(const Problem& problem, const Matrix& G, double ridge, double jitter);

/// W_l(i,j) = std * normal(seed, Stream::weights + l; i, j), biases 0. std: he sqrt(2/n_{l-1}),
/// xavier sqrt(2/(n_l+n_{l-1})), lecun
/// sqrt(1/n_{l-1}), zero 0. Throws BadInput for the schemes that do not start from
/// weights.
Matrix initial_weights(const Problem& problem, int l);

/// The true network on a block of columns.
struct Forward {
  Layers inputs;  ///< h~_{l-1}, the input of layer l
  Layers z;       ///< z_l = W_l h~_{l-1}; z_L is the output m
};
Forward forward(const Problem& problem, const Layers& W, const Matrix& X);

/// Mean loss of the network over the columns of X.
double mean_loss(const Problem& problem, const Matrix& output, const Matrix& targets);

/// Share of columns classified right: the first largest output, or output >= 1/2 if there is one.
double accuracy(const Problem& problem, const Layers& W, const Matrix& X,
                const std::vector<int>& labels);

}  // namespace admmnet::reference
