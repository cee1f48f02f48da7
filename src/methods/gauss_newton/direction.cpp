#include "methods/gauss_newton/direction.h"

#include <algorithm>

#include "methods/weights.h"
#include "runtime/heartbeat.h"

namespace admmnet {

bool has_settled(const std::vector<double>& phi) {
  constexpr std::size_t kLeast = 4;
  constexpr double kTolerance = 5e-4;  // of phi, an iteration
  const std::size_t i = phi.size() - 1, k = std::max(kLeast, i / 10);
  return i >= kLeast && (phi[i] - phi[i - k]) / phi[i] < static_cast<double>(k) * kTolerance;
}

Direction::Direction(const Network& network, Index most)
    : most_(most),
      residual_(zeros_like(network)),
      preconditioned_(zeros_like(network)),
      search_(zeros_like(network)),
      product_(zeros_like(network)) {}

Direction::Result Direction::find(Linearisation& linear, KroneckerFactors& factors,
                                  const Network& g, double lambda, Network& D) {
  const std::vector<double>& c = factors.c();
  Network &r = residual_, &z = preconditioned_, &p = search_, &q = product_;
  // D = 0,  r = -g,  z = P^-1 r,  p = z
  for_each_weight(
      [](double& d, double& residual, double gradient) {
        d = 0.0;
        residual = -gradient;
      },
      D, r, g);
  factors.solve(lambda, r, z);
  double r_z = inner_product(r, z);
  p.copy_weights_from(z);
  Result result;
  std::vector<double> phi;
  while (result.products < most_) {
    // q = (A + lambda C) p
    linear.multiply(p, q);
    ++result.products;
    for (int l = 1; l <= q.layers(); ++l)
      for_each_entry_in_parts([shift = lambda * c[static_cast<std::size_t>(l - 1)]](
                                  double& product, double along) { product += shift * along; },
                              q.W(l), p.W(l));
    const double curvature = inner_product(p, q);
    if (!(curvature > 0.0)) break;  // the gradient is 0, or NaN
    // D := D + alpha p,  r := r - alpha q,  alpha = <r, z> / <p, q>
    for_each_weight(
        [alpha = r_z / curvature](double& d, double& residual, double along, double product) {
          d += alpha * along;
          residual -= alpha * product;
        },
        D, r, p, q);
    factors.solve(lambda, r, z);
    double sums[4] = {own_inner_product(D, r), own_inner_product(D, g), own_inner_product(r, z),
                      own_inner_product(D, D, &c)};
    D.grid().sum(sums, 4);
    // phi = 1/2 (<g, D> - <r, D>), as r = -g - (A + lambda C) D
    phi.push_back(0.5 * (sums[1] - sums[0]));
    result.decrease = -phi.back() + 0.5 * lambda * sums[3];
    beat("direction");
    if (has_settled(phi)) break;
    // p := z + (<r, z> / <r, z> before) p
    for_each_weight(
        [beta = sums[2] / r_z](double& along, double next) { along = next + beta * along; }, p, z);
    r_z = sums[2];
  }
  return result;
}

}  // namespace admmnet
