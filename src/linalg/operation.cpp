#include "linalg/operation.h"

namespace admmnet {

double flops(const Operation& operation) {
  const auto m = static_cast<double>(operation.m), k = static_cast<double>(operation.k),
             n = static_cast<double>(operation.n);
  switch (operation.verb) {
    case Verb::apply:
    case Verb::apply_transposed:
    case Verb::outer:
    case Verb::add_outer:
    case Verb::multiply:
      return 2.0 * m * k * n;
    case Verb::low_rank:
      return 4.0 * m * k * n;
    case Verb::sparse_apply:
    case Verb::sparse_outer:
    case Verb::add_sparse_outer:
      return 2.0 * m * operation.weight;
    case Verb::sparse_gram:
    case Verb::add_sparse_gram:
    case Verb::sparse_inner:
      return operation.weight;
    case Verb::gram:
    case Verb::add_gram:
    case Verb::inner:
    case Verb::sample_inner:
      return k * (k + 1.0) * n;
    case Verb::factor:
      return k * k * k / 3.0;
    case Verb::factor_rows:
      return k * (k + 1.0) * n + k * k * k / 3.0;
    case Verb::solve_right:
      return 2.0 * k * k * m;
    case Verb::solve_left:
      return 2.0 * k * k * n;
    case Verb::triangular:
      return m * k * k;
    case Verb::symmetric:
      return 2.0 * m * k * k;
    case Verb::triangle:
      return 2.0 * m * m * (n - m / 3.0);
    case Verb::singular:
      return 20.0 * k * k * k;
    case Verb::eigen:
      return 9.0 * k * k * k;
    case Verb::spread:
    case Verb::share:
    case Verb::finish_outer:
    case Verb::finish_gram:
    case Verb::move:
    case Verb::move_columns:
    case Verb::pass_on:
    case Verb::sum:
    case Verb::make:
    case Verb::entries:
    case Verb::outputs:
      return 0.0;
  }
  return 0.0;
}

}  // namespace admmnet
