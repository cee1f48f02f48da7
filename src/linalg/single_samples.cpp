#include "linalg/single_samples.h"

#include <algorithm>

#include "linalg/elementwise.h"

namespace admmnet {

std::array<int, 9> descriptor_without_gaps(const BlockCyclicMatrix& A) {
  constexpr std::size_t kLeadingDimension = 8;  // its place in a descriptor
  std::array<int, 9> descriptor{};
  std::copy_n(A.descriptor(), descriptor.size(), descriptor.begin());
  descriptor[kLeadingDimension] = static_cast<int>(std::max<Index>(1, A.local_rows()));
  return descriptor;
}

SingleSamples::SingleSamples(const BlockCyclicMatrix& H)
    : grid_(H.grid()),
      rows_(H.rows()),
      cols_(H.cols()),
      row_block_(H.row_block()),
      col_block_(H.col_block()),
      local_rows_(H.local_rows()),
      local_cols_(H.local_cols()),
      descriptor_(descriptor_without_gaps(H)) {
  grid_.hold({Array::Kind::samples_in_float, rows_, cols_, col_block_}, holding_);
  if (grid_.ledger() != nullptr) return;
  entries_.resize(static_cast<std::size_t>(local_rows_ * local_cols_));
  auto to = entries_.begin();
  for (Index j = 0; j < local_cols_; ++j, to += local_rows_)
    std::transform(H.column(j), H.column(j) + local_rows_, to,
                   [](double entry) { return static_cast<float>(entry); });
}

void SingleSamples::widen(BlockCyclicMatrix& H) const {
  if (H.rows() != rows_ || H.capacity() < cols_)
    H = BlockCyclicMatrix(grid_, rows_, cols_, row_block_, col_block_);
  H.set_cols(cols_);
  const float* from = entries_.data();
  for (Index j = 0; j < H.local_cols(); ++j, from += local_rows_)
    std::copy_n(from, local_rows_, H.column(j));
}

double SingleSamples::own_sum_of_squares() const {
  const float* h = entries_.data();
  return sum_in_eight(local_rows_ * local_cols_, [=](Index i) {
    return static_cast<double>(h[i]) * static_cast<double>(h[i]);
  });
}

}  // namespace admmnet
