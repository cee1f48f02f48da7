#include <algorithm>
#include <cmath>

#include "proximal/loss.h"
#include "proximal/real_loss.h"

namespace admmnet {
namespace {

using Interval = RealLoss::Interval;

/// Of a function with the slope `low` left of 0 and `high` right of it.
Interval kink(double r, double low, double high) {
  if (r > 0.0) return {high, high};
  if (r < 0.0) return {low, low};
  return r == 0.0 ? Interval{low, high} : Interval{r, r};  // NaN stays
}

/// sign(r) max(|r| - t, 0)
double shrunk(double r, double t) {
  return std::copysign(std::max(std::abs(r) - t, 0.0 * r), r);
}

// ---- squared ----

double squared_value(double r, double) {
  return 0.5 * r * r;
}
Interval squared_slopes(double r, double) {
  return {r, r};
}
/// beta r / (1 + beta)
double squared_minimiser(double r, double, double beta) {
  return beta * r / (1.0 + beta);
}

double unit_curvature(double, double) {
  return 1.0;
}

/// Of the parabola that touches |t| at t.
double of_size(double t) {
  constexpr double kNearest = 0.01;  // to the kink
  return 1.0 / std::max(std::abs(t), kNearest);
}

// ---- absolute ----

double absolute_value(double r, double) {
  return std::abs(r);
}
Interval absolute_slopes(double r, double) {
  return kink(r, -1.0, 1.0);
}
/// sign(r) max(|r| - 1/beta, 0)
double absolute_minimiser(double r, double, double beta) {
  return shrunk(r, 1.0 / beta);
}

// ---- Huber ----

double huber_value(double r, double p) {
  const double size = std::abs(r);
  return size <= p ? 0.5 * r * r : p * size - 0.5 * p * p;
}
Interval huber_slopes(double r, double p) {
  const double s = std::max(std::min(r, p), -p);  // the order lets NaN through
  return {s, s};
}
/// |r| <= p (1 + beta)/beta: beta r/(1 + beta); else r - sign(r) p/beta
double huber_minimiser(double r, double p, double beta) {
  if (std::abs(r) <= p * (1.0 + beta) / beta) return beta * r / (1.0 + beta);
  return r - std::copysign(p / beta, r);
}

// ---- pinball ----

double pinball_value(double r, double p) {
  return r > 0.0 ? (1.0 - p) * r : -p * r;
}
Interval pinball_slopes(double r, double p) {
  return kink(r, -p, 1.0 - p);
}
/// r > (1 - p)/beta: r - (1 - p)/beta; r < -p/beta: r + p/beta; else 0
double pinball_minimiser(double r, double p, double beta) {
  const double above = (1.0 - p) / beta, below = p / beta;
  if (r > above) return r - above;
  return r < -below ? r + below : 0.0 * r;
}

// ---- epsilon-insensitive ----

double tube_value(double r, double p) {
  return std::max(std::abs(r) - p, 0.0 * r);
}
Interval tube_slopes(double r, double p) {
  const Interval right = kink(r - p, 0.0, 1.0), left = kink(r + p, -1.0, 0.0);
  return {right.low + left.low, right.high + left.high};
}
/// |r| <= p: r; |r| <= p + 1/beta: sign(r) p; else r - sign(r)/beta
double tube_minimiser(double r, double p, double beta) {
  const double size = std::abs(r), step = 1.0 / beta;
  if (size <= p) return r;
  return size <= p + step ? std::copysign(p, r) : r - std::copysign(step, r);
}

// ---- parabolas that touch a kinked loss and lie above it ----

double absolute_curvature(double r, double) {
  return of_size(r);
}
/// p max(-r, 0) + (1 - p) max(r, 0) = |r|/2 + (1/2 - p) r
double pinball_curvature(double r, double) {
  return 0.5 * of_size(r);
}
/// max(|r| - p, 0) = max(r - p, 0) + max(-r - p, 0), and max(t, 0) = |t|/2 + t/2
double tube_curvature(double r, double p) {
  return 0.5 * (of_size(r - p) + of_size(r + p));
}

constexpr double kSeconds = 1e-8;  // of a core, for the minimiser of an entry

}  // namespace

constexpr RealLoss squared_error{false,          LossParameter::none, squared_value,
                                 squared_slopes, squared_minimiser,   unit_curvature};
constexpr RealLoss absolute_error{true,
                                  LossParameter::none,
                                  absolute_value,
                                  absolute_slopes,
                                  absolute_minimiser,
                                  absolute_curvature};
constexpr RealLoss huber_error{true,         LossParameter::threshold, huber_value,
                               huber_slopes, huber_minimiser,          unit_curvature};
constexpr RealLoss pinball_error{true,           LossParameter::quantile, pinball_value,
                                 pinball_slopes, pinball_minimiser,       pinball_curvature};
constexpr RealLoss tube_error{true,        LossParameter::tube, tube_value,
                              tube_slopes, tube_minimiser,      tube_curvature};

constexpr LossFunctions absolute_loss{"absolute", kSeconds, absolute_error};
constexpr LossFunctions huber_loss{"huber", kSeconds, huber_error};
constexpr LossFunctions pinball_loss{"pinball", kSeconds, pinball_error};
constexpr LossFunctions epsilon_insensitive_loss{"epsilon_insensitive", kSeconds, tube_error};

}  // namespace admmnet
