#include "linalg/outer_sum.h"

#include <algorithm>

#include "linalg/layout.h"
#include "linalg/sparse_products.h"
#include "runtime/error.h"

namespace admmnet {

void OuterSum::begin(BlockCyclicMatrix& R, double keep) {
  R_ = &R;
  keep_ = keep;
  first_ = true;
  R.grid().hold({Array::Kind::summed, R.rows(), R.cols(), 0}, holding_);
}

void OuterSum::add(double alpha, const BlockCyclicMatrix& D, const SampleOperand& H) {
  ADMMNET_REQUIRE(R_ != nullptr, "OuterSum: add before begin");
  if (H.sparse() != nullptr) return add_sparse(alpha, &D, *H.sparse());
  add_dense(alpha, D, H);
}

void OuterSum::add_dense(double alpha, const SampleOperand& D, const SampleOperand& H) {
  const Verb verb = triangle_ == Triangle::full ? Verb::add_outer : Verb::add_gram;
  if (R_->grid().account({verb, R_->rows(), R_->cols(), H.cols(), H.col_block()}))
    R_->grid().layout().add_to_sum({triangle_, keep_, R_, &own_}, alpha, D, H, first_);
  first_ = false;
}

void OuterSum::add_gram(double alpha, const SampleOperand& H) {
  ADMMNET_REQUIRE(R_ != nullptr, "OuterSum: add before begin");
  if (H.sparse() != nullptr) return add_sparse(alpha, nullptr, *H.sparse());
  add_dense(alpha, H, H);
}

void OuterSum::add_sparse(double alpha, const BlockCyclicMatrix* D, const SparseSamples& H) {
  const bool full = triangle_ == Triangle::full;
  if (R_->grid().account({full ? Verb::add_sparse_outer : Verb::add_sparse_gram, R_->rows(),
                          R_->cols(), H.cols(), H.col_block(),
                          full ? apply_weight(H) : gram_weight(H), H.counts().entries}))
    R_->grid().layout().add_to_sum({triangle_, keep_, R_, &own_}, alpha, D, H, first_);
  first_ = false;
}

// The one of most columns is on the books for the message, the others for what they add to it.
void OuterSum::finish(std::vector<OuterSum*> sums) {
  if (sums.empty()) return;
  std::stable_sort(sums.begin(), sums.end(), [](const OuterSum* a, const OuterSum* b) {
    return a->R_->cols() > b->R_->cols();
  });
  const ProcessGrid& grid = sums.front()->R_->grid();
  std::vector<Layout::PanelSum> all;
  bool has_entries = true;
  for (OuterSum* sum : sums) {
    const Verb verb = sum->triangle_ == Triangle::full ? Verb::finish_outer : Verb::finish_gram;
    const double along = sum == sums.front() ? 0.0 : 1.0;
    has_entries = grid.account({verb, sum->R_->rows(), sum->R_->cols(), 0, 0, along});
    all.push_back({sum->triangle_, sum->keep_, sum->R_, &sum->own_});
  }
  if (has_entries) grid.layout().finish_sums(all);
}

}  // namespace admmnet
