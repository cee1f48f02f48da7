#include "linalg/correction.h"

#include <algorithm>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

FactorStatus Correction::form(const BlockCyclicMatrix& W, Index n, double eps, CorrectionSide side,
                              Index columns) {
  return form(W, nullptr, n, eps, side, columns);
}

FactorStatus Correction::form(const LayerOperand& W, Index n, double eps, CorrectionSide side,
                              Index columns) {
  return form(W.matrix(), &W, n, eps, side, columns);
}

FactorStatus Correction::form(const BlockCyclicMatrix& W, const LayerOperand* spread, Index n,
                              double eps, CorrectionSide side, Index columns) {
  const Index m = W.rows();
  ADMMNET_REQUIRE(n <= W.cols(), "Correction: more units than columns of W");
  if (X_.rows() != m || X_.cols() != n)
    X_ = BlockCyclicMatrix(W.grid(), m, n, W.row_block(), W.col_block());
  for (Index j = 0; j < X_.local_cols(); ++j)
    std::copy_n(W.column(j), W.local_rows(), X_.column(j));

  outputs_side_ = factors_outputs(m, n, side);
  spread_ = spread != nullptr && stays_in_factors(m, n, side) ? spread : nullptr;
  formed_ = spread_ == nullptr && forms_operator(m, n, side, columns);
  // The columns of W' take the part of samples in both products.
  const auto form_gram = [&](BlockCyclicMatrix& gram) {
    if (outputs_side_)
      accumulate_gram(1.0, X_, 0.0, gram);
    else
      apply_transposed(1.0, X_, X_, 0.0, gram);
  };
  const FactorStatus status = outputs_side_ && spread != nullptr
                                  ? solver_.factor_rows(*spread, X_, eps)
                                  : solver_.factor(W.grid(), outputs_side_ ? m : n, W.row_block(),
                                                   form_gram, {eps, 0.0, 0});
  if (formed_ && outputs_side_) solver_.solve_left(n, X_);
  if (formed_ && !outputs_side_) solver_.solve_right(X_);
  if (spread_ == nullptr) operand_.assign(X_);
  return status;
}

BlockCyclicMatrix& Correction::panel_like(Index rows, const BlockCyclicMatrix& D) {
  if (panel_.rows() != rows || panel_.capacity() != D.capacity())
    panel_ = BlockCyclicMatrix(D.grid(), rows, D.capacity(), D.row_block(), D.col_block());
  panel_.set_cols(D.cols());
  return panel_;
}

void Correction::apply(const BlockCyclicMatrix& D, double beta, BlockCyclicMatrix& Z) {
  ADMMNET_REQUIRE(spread_ == nullptr || Z.rows() == X_.cols(),
                  "Correction: more rows than W has columns without biases");
  if (formed_) {
    apply_transposed(1.0, operand_, D, beta, Z);
    return;
  }
  BlockCyclicMatrix& Y = panel_like(outputs_side_ ? X_.rows() : X_.cols(), D);
  if (outputs_side_) {  // W'^T ((W' W'^T + eps I)^-1 D)
    Y.copy_from(D);
    solver_.solve_left(Y.cols(), Y);
    apply_transposed(1.0, operand(), Y, beta, Z);
    return;
  }
  apply_transposed(1.0, operand(), D, 0.0, Y);  // (W'^T W' + eps I)^-1 (W'^T D)
  solver_.solve_left(Y.cols(), Y);
  for_each_entry_in_parts([beta](double y, double& z) { z = beta == 0.0 ? y : y + beta * z; }, Y,
                          Z);
}

}  // namespace admmnet
